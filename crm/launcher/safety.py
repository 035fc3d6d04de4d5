"""What a production start refuses, said before anything runs."""

from collections.abc import Mapping
from urllib.parse import urlsplit

YES = {"1", "true", "yes", "on", "y", "t"}


def is_production(env: Mapping[str, str]) -> bool:
    """Whether this installation holds a real company's data: no demo, no unsafe settings."""
    return env.get("CRM_ENV") == "production"


def unsafe(env: Mapping[str, str]) -> list[str]:
    """Every reason why these settings must not meet the outside world, each with what to do about it."""
    hosts = [host.strip() for host in env.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    site = urlsplit(env.get("SITE_URL", ""))
    reasons = []
    if len(env.get("SECRET_KEY", "")) < 40 or "change-me" in env["SECRET_KEY"]:
        reasons.append(
            "SECRET_KEY is missing or too short: set it to the output of\n"
            "    python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if env.get("DEBUG", "").lower() in YES:
        reasons.append("DEBUG is on: it would show code and settings to visitors. Remove it.")
    if not hosts:
        reasons.append("ALLOWED_HOSTS is empty: name the host people open, for example crm.example.ru")
    if "*" in hosts:
        reasons.append("ALLOWED_HOSTS is *: any site could speak for this one. Name the host people open.")
    if site.scheme != "https" and env.get("CRM_INSECURE_HTTP") != "1":
        reasons.append(
            "SITE_URL is not an https:// address: passwords would travel in the open. Put a TLS proxy in front,\n"
            "    or set CRM_INSECURE_HTTP=1 if the network between people and this machine is already private."
        )
    if hosts and "*" not in hosts and not any(_allows(host, site.hostname or "") for host in hosts):
        reasons.append(f"SITE_URL names the host {site.hostname or '(none)'}, which ALLOWED_HOSTS does not allow.")
    return reasons


def refuse_unsafe(env: Mapping[str, str]) -> None:
    """End the process with the reasons when a production's settings are unsafe; silent otherwise."""
    if is_production(env) and (reasons := unsafe(env)):
        raise SystemExit("\n  - ".join(["Refused to start in production:", *reasons]))


def _allows(pattern: str, host: str) -> bool:
    return host == pattern.lstrip(".") or (pattern.startswith(".") and host.endswith(pattern))
