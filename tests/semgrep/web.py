import os
import urllib.request
from pathlib import Path

import flask
import httpx
import jinja2
import requests
import uvicorn
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse
from flask import redirect, render_template_string, request, send_file, url_for
from markupsafe import Markup
from werkzeug.utils import secure_filename

app = flask.Flask(__name__)
api = FastAPI()
FOLDER = Path("/srv/files")
SERVERS = {"a": "https://a.example.org"}
PAGE = "<p>{{ name }}</p>"


@app.route("/file")
def file():
    name = request.args.get("name")
    # ruleid: path-from-request
    with open("/srv/files/" + name) as opened:
        opened.read()
    # ruleid: path-from-request
    return send_file(os.path.join("/srv/files", request.args["name"]))


@app.route("/safe-file")
def safe_file():
    name = secure_filename(request.args.get("name"))
    # ok: path-from-request
    with open("/srv/files/" + name) as opened:
        return opened.read()


@api.get("/files/{name}")
def download(name: str):
    # ruleid: path-from-route
    return FileResponse(FOLDER / name)


@app.route("/plain/<name>")
async def plain(name):
    # ruleid: path-from-route
    return (FOLDER / name).read_text()


@api.get("/counted/{number}")
def counted(number: int):
    # ok: path-from-route
    return (FOLDER / f"{number}.txt").read_text()


@api.get("/checked/{name}")
def checked(name: str):
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER):
        raise ValueError(name)
    # ok: path-from-route
    return path.read_text()


@api.get("/numbers/{number}")
def numbers(number: str):
    # ok: path-from-route
    return (FOLDER / f"{int(number)}.txt").read_text()


def not_a_view(name):
    # ok: path-from-route
    return open(name).read()


@app.route("/fetch")
def fetch():
    # ruleid: address-from-request
    requests.get(request.args["url"], timeout=5)
    # ruleid: address-from-request
    httpx.get(request.args.get("url"))
    # ruleid: address-from-request
    urllib.request.urlopen("https://" + request.form["host"])
    # ok: address-from-request
    requests.get(SERVERS[request.args["server"]], timeout=5)
    # ok: address-from-request
    requests.get("https://example.org", params={"number": 1}, timeout=5)


@app.route("/go")
def go():
    # ruleid: redirect-from-request
    return redirect(request.args.get("next"))


@app.route("/home")
def home():
    # ok: redirect-from-request
    return redirect(url_for("file"))


def login(request):
    target = request.GET.get("next", "/")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={"example.org"}):
        # ok: redirect-from-request
        return HttpResponseRedirect(target)
    # ok: redirect-from-request
    return HttpResponseRedirect("/")


def pages(name, text):
    # ruleid: template-from-data
    render_template_string(text)
    # ruleid: template-from-data
    render_template_string("<p>" + name + "</p>")
    # ok: template-from-data
    render_template_string("<p>{{ name }}</p>", name=name)
    # ok: template-from-data
    render_template_string(PAGE, name=name)
    # ruleid: markup-from-data
    Markup(f"<b>{name}</b>")
    # ruleid: markup-from-data
    mark_safe("<b>%s</b>" % name)
    # ok: markup-from-data
    Markup("<b>{}</b>").format(name)
    # ok: markup-from-data
    mark_safe("<hr>")


def environments(loader, options):
    # ruleid: jinja-without-escaping
    jinja2.Environment(loader=loader)
    # ruleid: jinja-without-escaping
    jinja2.Environment(loader=loader, autoescape=False)
    # ok: jinja-without-escaping
    jinja2.Environment(loader=loader, autoescape=True)
    # ok: jinja-without-escaping
    jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape())
    # ok: jinja-without-escaping
    jinja2.Environment(**options)


def serves(socket, runner):
    # ruleid: web-debugger
    app.run(debug=True)
    # ok: web-debugger
    app.run(port=8000)
    # ruleid: binds-everywhere
    socket.bind(("0.0.0.0", 8000))
    # ruleid: binds-everywhere
    uvicorn.run(api, host="0.0.0.0")
    # ok: binds-everywhere
    uvicorn.run(api, host="127.0.0.1")
    # ok: binds-everywhere
    socket.bind(("127.0.0.1", 0))


# ruleid: any-origin-with-credentials
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)
# ok: any-origin-with-credentials
api.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET"])
# ok: any-origin-with-credentials
api.add_middleware(CORSMiddleware, allow_origins=["https://example.org"], allow_credentials=True)


# ruleid: csrf-exempt
@csrf_exempt
def posted(request):
    return None


# ok: csrf-exempt
def protected(request):
    return None


def cookies(response):
    # ruleid: insecure-cookie
    response.set_cookie("session", "x", secure=False)
    # ruleid: insecure-cookie
    response.set_cookie("session", "x", secure=True, httponly=False)
    # ok: insecure-cookie
    response.set_cookie("session", "x", secure=True, httponly=True)


def access(user, document):
    # ruleid: assert-for-access
    assert user.is_admin, "admins only"
    # ruleid: assert-for-access
    assert user.has_perm("edit", document)
    # ok: assert-for-access
    assert document is not None
    # ok: assert-for-access
    if not user.is_admin:
        raise PermissionError
