"""Addresses of objects in stores, such as `s3://bucket/dump.mrc`; `_store` reads and writes these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mrrc._store import Object

_OF_WEB = frozenset({"http", "https"})
_SCHEMES = _OF_WEB | {"s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss"}


def stored(address: str, /, **storage: Any) -> Object:
    """Name an object in a store, with how to reach it: what reads or writes a path takes it as well.

    Args:
        address: such as `"s3://bucket/dump.mrc"`; `gs://`, `az://` and `https://` are others.
        storage: what the store is to be told, such as `region`, `endpoint`, `access_key_id` and
            `secret_access_key`, or `skip_signature=True` for a public bucket: the keyword arguments of
            `obstore.store.from_url`. What is not given comes from the environment.

    Returns:
        The object. Its text and its pickle have no credentials.

    Example:
        >>> import mrrc
        >>> mrrc.stored("s3://bucket/dump.mrc", region="eu-central-1", secret_access_key="abc")
        Object('s3://bucket/dump.mrc')
    """
    from mrrc._store import Object

    return Object(address, storage)


def is_address(name: str) -> bool:
    """Whether a name is an address in a store; of the two slashes pathlib leaves one."""
    scheme, colon, _ = name.partition(":/")
    return bool(colon) and scheme.lower() in _SCHEMES


def is_of_web(address: str) -> bool:
    """Whether it is an address of a web server, which cannot list what it has."""
    return address.partition(":")[0].lower() in _OF_WEB


def split(address: str) -> tuple[str, str]:
    """The store, and the place in it."""
    scheme, _, rest = address.partition(":/")
    root, _, place = rest.lstrip("/").partition("/")
    return f"{scheme.lower()}://{root}", place


def shown(address: str) -> str:
    """An address without what may be secret in it: a user with a password, the query of a signed one."""
    root, place = split(address)
    scheme, _, host = root.partition("://")
    if is_of_web(address):
        place = urlsplit(f"{root}/{place}").path.removeprefix("/")
    return f"{scheme}://{host.rpartition('@')[2]}/{place}"
