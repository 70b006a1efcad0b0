"""Who is on call: rotas that are lawful, fair and explained."""
