"""The least a page can cost: a bare Flask app that says hello, for the same server."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Hello, and nothing else."""
    return "hello"
