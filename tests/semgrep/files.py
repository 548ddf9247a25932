import logging
import os
import shutil
import tarfile
import tempfile
import zipfile
from pathlib import Path

import lxml.etree

logger = logging.getLogger(__name__)


def temporary():
    # ruleid: temporary-name
    tempfile.mktemp(suffix=".txt")
    # ok: temporary-name
    tempfile.mkstemp(suffix=".txt")
    # ok: temporary-name
    tempfile.mkdtemp()


def archives(name, folder):
    with tarfile.open(name) as archive:
        # ruleid: tar-without-filter
        archive.extractall(folder)
        # ok: tar-without-filter
        archive.extractall(folder, filter="data")
        # ruleid: tar-without-filter
        archive.extractall(folder, filter="fully_trusted")
    # ruleid: tar-without-filter
    tarfile.open(name).extractall(folder)
    # ruleid: tar-without-filter
    shutil.unpack_archive(name, folder)
    # ok: tar-without-filter
    shutil.unpack_archive(name, folder, filter="data")
    with zipfile.ZipFile(name) as archive:
        # ok: tar-without-filter
        archive.extractall(folder)


def modes(path: Path):
    # ruleid: writable-by-everyone
    os.chmod(path, 0o777)
    # ruleid: writable-by-everyone
    path.chmod(0o666)
    # ok: writable-by-everyone
    path.chmod(0o755)
    # ok: writable-by-everyone
    os.chmod(path, 0o600)


def parsers():
    # ruleid: xml-external-entities
    lxml.etree.XMLParser(resolve_entities=True)
    # ruleid: xml-external-entities
    lxml.etree.XMLParser(no_network=False)
    # ok: xml-external-entities
    lxml.etree.XMLParser()
    # ok: xml-external-entities
    lxml.etree.XMLParser(resolve_entities=False)


def logs(user, password, config, token, count):
    # ruleid: secret-in-log
    logger.info("login of %s with %s", user, password)
    # ruleid: secret-in-log
    logging.debug(f"key is {config.api_key}")
    # ok: secret-in-log
    logger.info("login of %s", user)
    # ok: secret-in-log
    logger.debug("token %s", token)
    # ok: secret-in-log
    logger.debug("%d password_resets", count)
    # ok: secret-in-log
    logger.info("password is %s", "set" if password else "missing")


def connects(connect, app, given):
    # ruleid: password-in-code
    connect(host="db", password="hunter2")
    # ruleid: password-in-code
    db_password = "correct-horse"
    # ruleid: password-in-code
    app.config["SECRET_KEY"] = "not-so-secret"
    # ruleid: password-in-code
    if given.password == "letmein":
        return None
    # ok: password-in-code
    connect(host="db", password=os.environ["DB_PASSWORD"])
    # ok: password-in-code
    password = ""
    # ok: password-in-code
    password_field = "hunter2"
    # ok: password-in-code
    labels = {"password": "Your password"}
    # ok: password-in-code
    secret_key = "${SECRET_KEY}"
    # ok: password-in-code
    columns = {"password": "string"}
    return db_password, password, password_field, labels, secret_key, columns
