"""What the bunker keeps on disk: encrypted keys, policies, tokens, users."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, ncryptsec TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deleted_keys (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS policies (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, expires_at TEXT);
CREATE TABLE IF NOT EXISTS rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT, policy_id INTEGER NOT NULL, method TEXT NOT NULL,
    kind TEXT, max_usage_count INTEGER, current_usage_count INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS rules_of_policy ON rules (policy_id);
CREATE TABLE IF NOT EXISTS tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key_name TEXT NOT NULL, client_name TEXT NOT NULL,
    policy_id INTEGER NOT NULL, secret TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, expires_at TEXT,
    redeemed_at TEXT, revoked_at TEXT, user_id INTEGER);
CREATE INDEX IF NOT EXISTS tokens_of_key ON tokens (key_name);
CREATE INDEX IF NOT EXISTS tokens_of_user ON tokens (user_id);
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key_name TEXT NOT NULL, pubkey TEXT NOT NULL,
    description TEXT, created_at TEXT NOT NULL, revoked_at TEXT, UNIQUE (key_name, pubkey));
CREATE TABLE IF NOT EXISTS conditions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, method TEXT NOT NULL,
    kind TEXT);
CREATE INDEX IF NOT EXISTS conditions_of_user ON conditions (user_id);
"""


def stamp(moment: datetime) -> str:
    """How the daemon writes a time; such texts compare as the times do."""
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(frozen=True)
class Rule:
    """`kind` as the daemon keeps it: a text, "" for none (None where a lineage allows none)."""

    method: str
    kind: str | None
    max_usage_count: int | None = None


class Store:
    """One SQLite file. Rows are handed out as they are; times are texts (see `stamp`)."""

    def __init__(self, file: Path) -> None:
        # One statement, one commit; no wait for the disk: only restarts have to be survived.
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY;" + _SCHEMA)

    def close(self) -> None:
        self._db.close()

    def _one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def _all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def _write(self, sql: str, *values: Any) -> int:
        """The number of changed rows."""
        return self._db.execute(sql, values).rowcount

    def _insert(self, sql: str, *values: Any) -> int:
        """The id of the new row."""
        return self._db.execute(sql, values).lastrowid or 0

    # keys

    def keys(self) -> dict[str, str]:
        """name -> ncryptsec (NIP-49)."""
        return {row["name"]: row["ncryptsec"] for row in self._all("SELECT * FROM keys")}

    def save_key(self, name: str, ncryptsec: str) -> None:
        self._write("INSERT OR REPLACE INTO keys VALUES (?, ?)", name, ncryptsec)
        self._write("DELETE FROM deleted_keys WHERE name = ?", name)

    def deleted_keys(self) -> set[str]:
        """The names that were marked as deleted; the keys are there all the same."""
        return {row["name"] for row in self._all("SELECT name FROM deleted_keys")}

    def mark_key_deleted(self, name: str, now: str) -> None:
        """Its tokens are marked too."""
        self._write("INSERT INTO deleted_keys VALUES (?)", name)
        sql = "UPDATE tokens SET revoked_at = ? WHERE key_name = ? AND revoked_at IS NULL"
        self._write(sql, now, name)

    # policies

    def policies(self) -> list[sqlite3.Row]:
        return self._all("SELECT * FROM policies ORDER BY id")

    def policy(self, policy_id: int) -> sqlite3.Row | None:
        return self._one("SELECT * FROM policies WHERE id = ?", policy_id)

    def add_policy(self, name: str, expires_at: str | None, now: str) -> int:
        return self._insert(
            "INSERT INTO policies (name, created_at, updated_at, expires_at) VALUES (?, ?, ?, ?)",
            name,
            now,
            now,
            expires_at,
        )

    def change_policy(self, policy_id: int, patch: dict[str, str | None], now: str) -> None:
        """`patch` may hold name and expiresAt."""
        for given, column in (("name", "name"), ("expiresAt", "expires_at")):
            if given in patch:
                sql = f"UPDATE policies SET {column} = ?, updated_at = ? WHERE id = ?"  # noqa: S608
                self._write(sql, patch[given], now, policy_id)

    def rules(self, policy_id: int) -> list[sqlite3.Row]:
        return self._all("SELECT * FROM rules WHERE policy_id = ? ORDER BY id", policy_id)

    def add_rule(self, policy_id: int, rule: Rule) -> int:
        return self._insert(
            "INSERT INTO rules (policy_id, method, kind, max_usage_count) VALUES (?, ?, ?, ?)",
            policy_id,
            rule.method,
            rule.kind,
            rule.max_usage_count,
        )

    def remove_rule(self, rule_id: int) -> bool:
        return self._write("DELETE FROM rules WHERE id = ?", rule_id) == 1

    def count_use(self, rule_id: int) -> None:
        self._write(
            "UPDATE rules SET current_usage_count = current_usage_count + 1 WHERE id = ?", rule_id
        )

    # tokens

    def tokens(self, key_name: str) -> list[sqlite3.Row]:
        """With `policy_name` and, once redeemed, `redeemed_by`: the user's description."""
        return self._all(
            "SELECT t.*, p.name AS policy_name, u.description AS redeemed_by FROM tokens t"
            " LEFT JOIN policies p ON p.id = t.policy_id LEFT JOIN users u ON u.id = t.user_id"
            " WHERE t.key_name = ? ORDER BY t.id",
            key_name,
        )

    def token(self, secret: str) -> sqlite3.Row | None:
        return self._one("SELECT * FROM tokens WHERE secret = ?", secret)

    def token_by_id(self, token_id: int) -> sqlite3.Row | None:
        return self._one("SELECT * FROM tokens WHERE id = ?", token_id)

    def tokens_of_user(self, user_id: int) -> list[sqlite3.Row]:
        return self._all("SELECT * FROM tokens WHERE user_id = ? ORDER BY id", user_id)

    def count_tokens(self, key_name: str) -> int:
        row = self._one("SELECT count(*) AS n FROM tokens WHERE key_name = ?", key_name)
        return row["n"] if row else 0

    def add_token(
        self,
        *,
        key_name: str,
        client_name: str,
        policy_id: int,
        secret: str,
        expires_at: str | None,
        now: str,
    ) -> None:
        self._write(
            "INSERT INTO tokens (key_name, client_name, policy_id, secret, created_at, updated_at,"
            " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            key_name,
            client_name,
            policy_id,
            secret,
            now,
            now,
            expires_at,
        )

    def spend_token(self, token_id: int, user_id: int, now: str) -> None:
        self._write(
            "UPDATE tokens SET redeemed_at = ?, updated_at = ?, user_id = ? WHERE id = ?",
            now,
            now,
            user_id,
            token_id,
        )

    def revoke_token(self, token_id: int, now: str) -> bool:
        sql = "UPDATE tokens SET revoked_at = ?, updated_at = ? WHERE id = ?"
        return self._write(sql, now, now, token_id) == 1

    # users and what they may do

    def users(self, key_name: str) -> list[sqlite3.Row]:
        """By pubkey: the daemon reads them off its unique index."""
        return self._all("SELECT * FROM users WHERE key_name = ? ORDER BY pubkey", key_name)

    def user(self, key_name: str, pubkey: str) -> sqlite3.Row | None:
        return self._one("SELECT * FROM users WHERE key_name = ? AND pubkey = ?", key_name, pubkey)

    def count_users(self, key_name: str) -> int:
        row = self._one("SELECT count(*) AS n FROM users WHERE key_name = ?", key_name)
        return row["n"] if row else 0

    def upsert_user(self, key_name: str, pubkey: str, description: str, now: str) -> int:
        """The id of the client's user; one that exists keeps its description and its revocation."""
        user = self.user(key_name, pubkey)
        if user is not None:
            return int(user["id"])
        return self._insert(
            "INSERT INTO users (key_name, pubkey, description, created_at) VALUES (?, ?, ?, ?)",
            key_name,
            pubkey,
            description,
            now,
        )

    def revoke_user(self, user_id: int, now: str) -> bool:
        return self._write("UPDATE users SET revoked_at = ? WHERE id = ?", now, user_id) == 1

    def rename_user(self, pubkey: str, description: str) -> bool:
        """The oldest user with that pubkey, whatever its key: upstream asks for no key."""
        return (
            self._write(
                "UPDATE users SET description = ? WHERE id ="
                " (SELECT min(id) FROM users WHERE pubkey = ?)",
                description,
                pubkey,
            )
            == 1
        )

    def conditions(self, user_id: int) -> list[sqlite3.Row]:
        return self._all("SELECT * FROM conditions WHERE user_id = ? ORDER BY id", user_id)

    def add_conditions(self, user_id: int, rules: Sequence[Rule]) -> None:
        self._db.executemany(
            "INSERT INTO conditions (user_id, method, kind) VALUES (?, ?, ?)",
            [(user_id, rule.method, rule.kind) for rule in rules],
        )
