# Builds the wheel's environment once, then copies it onto a bare Python.
FROM python:3.12-slim AS build
RUN pip install --no-cache-dir "uv>=0.9"
WORKDIR /src
COPY . .
# Compiled here: whoever runs it may not write beside it, and would compile anew at every start.
ENV UV_PROJECT_ENVIRONMENT=/opt/cpo UV_PYTHON=python3.12 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN uv sync --frozen --no-default-groups --no-editable --extra roads

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /var/lib/cpo cpo
# Photos and voice notes: a volume of the compose file, which takes its owner from here.
RUN install -d -o cpo -g cpo -m 700 /var/lib/cpo/attachments
COPY --from=build /opt/cpo /opt/cpo
ENV PATH=/opt/cpo/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/tmp/numba
USER cpo
WORKDIR /var/lib/cpo
EXPOSE 8000
CMD ["cpo", "serve"]
