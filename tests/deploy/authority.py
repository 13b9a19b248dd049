"""A certificate authority of the test's own, in the place of Let's Encrypt."""

from deploy.clean_host import NAMES, CleanHost
from support.certificates import certify

LIVE = f"etc/letsencrypt/live/{NAMES[0]}"


def vouch(host: CleanHost) -> None:
    """Key and certificate lie where certbot puts them, if they do not yet; the host believes
    them."""
    folder = host.folder / LIVE
    if not folder.exists():
        folder.mkdir(parents=True)
        certified = certify(folder, *NAMES).read_text()
        key, begin, certificate = certified.partition("-----BEGIN CERTIFICATE-----")
        (folder / "privkey.pem").write_text(key)
        (folder / "fullchain.pem").write_text(begin + certificate)
    host.trust((folder / "fullchain.pem").read_text())
