import hashlib
import hmac
import random
import secrets
import ssl
import string

import aiohttp
import httpx
import jwt
import paramiko
import requests
from Crypto.Cipher import AES, DES
from cryptography.hazmat.primitives.ciphers import modes


def hashes(data, password, request, key):
    # ruleid: weak-hash
    hashlib.md5(data)
    # ruleid: weak-hash
    hashlib.sha1(data).hexdigest()
    # ruleid: weak-hash
    hashlib.new("md5", data)
    # ok: weak-hash
    hashlib.md5(data, usedforsecurity=False)
    # ok: weak-hash
    hashlib.sha256(data)
    # ruleid: fast-hash-of-password
    hashlib.sha256(password.encode())
    # ruleid: fast-hash-of-password
    hashlib.sha512(request.password)
    # ok: fast-hash-of-password
    hashlib.sha256(data)
    # ok: fast-hash-of-password
    hashlib.scrypt(password, salt=key, n=2, r=8, p=1)
    # ok: fast-hash-of-password
    hashlib.sha256(password_policy_text)


def ciphers(key, vector):
    # ruleid: weak-cipher
    DES.new(key)
    # ruleid: weak-cipher
    AES.new(key, AES.MODE_ECB)
    # ruleid: weak-cipher
    modes.ECB()
    # ok: weak-cipher
    AES.new(key, AES.MODE_GCM, nonce=vector)
    # ok: weak-cipher
    modes.GCM(vector)


def chooses(words):
    # ruleid: random-for-secrets
    password = "".join(random.choice(string.ascii_letters) for _ in range(12))
    # ruleid: random-for-secrets
    session_id = random.getrandbits(128)
    # ruleid: random-for-secrets
    reset_token = str(random.randint(100000, 999999))
    # ok: random-for-secrets
    token = random.choice(words)
    # ok: random-for-secrets
    salt = secrets.token_bytes(16)
    # ok: random-for-secrets
    password = "".join(random.SystemRandom().choice(string.ascii_letters) for _ in range(12))
    # ok: random-for-secrets
    delay = random.uniform(0, 1)
    return password, session_id, reset_token, token, salt, delay


# ruleid: random-for-secrets
def make_api_key():
    return "%032x" % random.getrandbits(128)


def compares(key, body, signature):
    expected = hmac.new(key, body, "sha256").hexdigest()
    # ruleid: digest-compared-with-equals
    if signature == expected:
        return True
    # ruleid: digest-compared-with-equals
    if "sha256=" + hmac.new(key, body, "sha256").hexdigest() != signature:
        return False
    # ok: digest-compared-with-equals
    if signature == "":
        return False
    # ok: digest-compared-with-equals
    return hmac.compare_digest(expected, signature)


def connects(url, session, client, context):
    # ruleid: tls-not-verified
    requests.get(url, verify=False)
    # ruleid: tls-not-verified
    httpx.Client(verify=False)
    # ruleid: tls-not-verified
    session.verify = False
    # ruleid: tls-not-verified
    aiohttp.TCPConnector(ssl=False)
    # ruleid: tls-not-verified
    ssl._create_unverified_context()
    # ruleid: tls-not-verified
    context.verify_mode = ssl.CERT_NONE
    # ruleid: tls-not-verified
    context.check_hostname = False
    # ok: tls-not-verified
    requests.get(url, verify="/etc/ssl/ours.pem")
    # ok: tls-not-verified
    requests.get(url, timeout=5)
    # ok: tls-not-verified
    context.verify_mode = ssl.CERT_REQUIRED
    # ruleid: old-tls
    ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    # ruleid: old-tls
    context.minimum_version = ssl.TLSVersion.TLSv1
    # ok: old-tls
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # ruleid: ssh-host-key-not-checked
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    # ok: ssh-host-key-not-checked
    client.set_missing_host_key_policy(paramiko.RejectPolicy())


def tokens(token, key):
    # ruleid: token-not-verified
    jwt.decode(token, options={"verify_signature": False})
    # ruleid: token-not-verified
    jwt.decode(token, key, algorithms=["HS256", "none"])
    # ok: token-not-verified
    jwt.decode(token, key, algorithms=["HS256"])
    # ok: token-not-verified
    jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": True})
