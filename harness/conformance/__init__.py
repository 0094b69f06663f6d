"""How an exporter must behave, clause by clause, judged by what a live service saw of it."""
