"""The blueprints of the path: for whoever has no account, and for whoever does."""

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("vetting", __name__, template_folder="../templates")
# For whoever has no account: a limiter stands before it (app.py), a number for each day behind.
outside = Blueprint("outside", __name__, template_folder="../templates")
Page = str | Response | tuple[str, int]
BY_ADDRESS = "30 per minute"  # a workshop behind one address can write
