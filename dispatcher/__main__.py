"""`python -m dispatcher` is `cpo`."""

from dispatcher.cli import main

main()
