import ast
import asyncio
import json
import os
import pickle
import sqlite3
import subprocess

import yaml
from sqlalchemy import text

TABLE = "rooms"


def evaluates(given, namespace, model):
    # ruleid: eval-of-data
    eval(given)
    # ruleid: eval-of-data
    exec(given, namespace)
    # ok: eval-of-data
    eval("1 + 1")
    # ok: eval-of-data
    model.eval()
    # ok: eval-of-data
    return ast.literal_eval(given)


async def shells(name):
    # ruleid: subprocess-shell
    subprocess.run(f"ls {name}", shell=True, check=True)
    # ruleid: subprocess-shell
    subprocess.check_output("ls " + name, shell=True)
    # ruleid: subprocess-shell
    subprocess.getoutput(name)
    # ruleid: subprocess-shell
    await asyncio.create_subprocess_shell(name)
    # ok: subprocess-shell
    subprocess.run("ls | wc -l", shell=True, check=True)
    # ok: subprocess-shell
    subprocess.run(["ls", name], check=True)
    # ok: subprocess-shell
    subprocess.run(["ls", name], shell=False, check=True)


def systems(name):
    # ruleid: os-system
    os.system("rm " + name)
    # ruleid: os-system
    os.popen(f"cat {name}").read()
    # ok: os-system
    os.system("clear")


def loads(data, file, original):
    # ruleid: pickle-load
    pickle.loads(data)
    # ruleid: pickle-load
    pickle.load(file)
    # ok: pickle-load
    pickle.loads(pickle.dumps(original))
    # ok: pickle-load
    pickle.dumps(original)
    # ok: pickle-load
    json.loads(data)


def yamls(data, loader):
    # ruleid: yaml-load
    yaml.load(data)
    # ruleid: yaml-load
    yaml.unsafe_load(data)
    # ok: yaml-load
    yaml.load(data, Loader=yaml.SafeLoader)
    # ok: yaml-load
    yaml.load(data, yaml.SafeLoader)
    # ok: yaml-load
    yaml.load(data, Loader=loader)
    # ok: yaml-load
    yaml.safe_load(data)
    # ruleid: yaml-unsafe-loader
    yaml.load(data, Loader=yaml.Loader)
    # ruleid: yaml-unsafe-loader
    yaml.load(data, Loader=yaml.UnsafeLoader)
    # ok: yaml-unsafe-loader
    yaml.load(data, Loader=yaml.SafeLoader)


def queries(cursor: sqlite3.Cursor, name, session, executor, count, columns):
    # ruleid: sql-from-strings
    cursor.execute(f"SELECT * FROM rooms WHERE name = '{name}'")
    # ruleid: sql-from-strings
    cursor.execute("SELECT * FROM rooms WHERE name = '%s'" % name)
    # ruleid: sql-from-strings
    cursor.execute("DELETE FROM rooms WHERE name = '" + name + "'")
    # ruleid: sql-from-strings
    cursor.execute("UPDATE rooms SET name = '{}'".format(name))
    statement = f"SELECT * FROM rooms WHERE name = '{name}'"
    # ruleid: sql-from-strings
    cursor.execute(statement)
    # ruleid: sql-from-strings
    session.scalars(text(f"SELECT id FROM rooms WHERE name = '{name}'"))
    # ok: sql-from-strings
    cursor.execute("SELECT * FROM rooms WHERE name = ?", (name,))
    # ok: sql-from-strings
    cursor.execute(f"SELECT * FROM {TABLE} WHERE name = ?", (name,))
    # ok: sql-from-strings
    cursor.execute("SELECT * " + "FROM rooms")
    # ok: sql-from-strings
    cursor.execute(f"SELECT * FROM rooms LIMIT {int(count)}")
    # ok: sql-from-strings
    cursor.execute(f"SELECT * FROM rooms WHERE id IN ({','.join('?' for _ in columns)})", columns)
    # ok: sql-from-strings
    session.scalars(text("SELECT id FROM rooms WHERE name = :name"), {"name": name})
