"""aiosmtpd on loopback, each server with a manner of its own, and certificates for it."""

import asyncio
import datetime
import email
import email.policy
import ipaddress
import ssl
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "signalbox", "p4ssword-of-the-mail=server"


def make_certificate(folder, host):
    """PEM files (certificate, key) for one name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName(host)] + ([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if host == "localhost" else [])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{host}.pem", folder / f"{host}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


def tls_context(paths):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    return context


class Postmaster:
    """Takes mail, but not for nobody@, later for grey@ (once), and never an end for hang@."""

    def __init__(self):
        self.envelopes, self.logins, self.grey = [], [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 5.1.1 no such mailbox"
        if name.startswith("grey") and address not in self.grey:
            self.grey.add(address)
            return "450 4.2.0 greylisted, come again"
        if name == "hang":
            await asyncio.Event().wait()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        if b"refuse this" in envelope.content:
            return "554 5.7.1 looks like spam"
        self.envelopes.append(envelope)
        return f"250 2.0.0 kept as {len(self.envelopes)}"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((mechanism, server.transport.get_extra_info("sslcontext") is not None))
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    def mails(self):
        return [email.message_from_bytes(each.content, policy=email.policy.default) for each in self.envelopes]


class MailServer:
    """`start_tls` and `tls`: the certificate of each way; a server with one wants AUTH."""

    def __init__(self, start_tls=None, tls=None, mechanisms=("PLAIN", "LOGIN")):
        self.postmaster = Postmaster()
        self.loop = asyncio.new_event_loop()
        secure = start_tls or tls
        hidden = [each for each in ("PLAIN", "LOGIN") if each not in mechanisms]

        def make():
            return SMTP(
                self.postmaster,
                hostname="mail.example",
                loop=self.loop,
                tls_context=tls_context(start_tls) if start_tls else None,
                require_starttls=start_tls is not None,
                auth_required=secure is not None,
                auth_require_tls=start_tls is not None,
                auth_exclude_mechanism=hidden,
                authenticator=self.postmaster.authenticate,
            )

        async def listen():
            return await self.loop.create_server(make, "127.0.0.1", 0, ssl=tls_context(tls) if tls else None)

        self.server = self.loop.run_until_complete(listen())
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def stop(self):
        async def end():
            self.server.close()
            tasks = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(timeout=20)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=20)
        self.loop.close()
