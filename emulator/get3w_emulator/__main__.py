"""The command `get3w-emulator`."""

import argparse
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path

from get3w_emulator.extra import MissingExtraError, require_extra


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a local Get3W until it is interrupted.

    Args:
        arguments: The command line without the command; by default that of the process.

    Returns:
        The exit status: 0 when it was stopped; with a reason on stderr, 1 if no schema can be
        used, and 2 if it cannot start with what it was told.
    """
    try:
        require_extra()
    except MissingExtraError as error:
        print(error, file=sys.stderr)
        return 2
    options = _parser().parse_args(arguments)
    from get3w_emulator._common.problems import SchemaError, SetupError
    from get3w_emulator.api.request_log import printable

    try:
        _serve(options)
    except SetupError as error:
        for line in str(error).split("\n"):
            print(printable(f"get3w-emulator: {line}"), file=sys.stderr)
        if not isinstance(error, SchemaError):
            return 2
        print(_ADVICE, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass  # how one stops it
    return 0


_ADVICE = "get3w-codegen generate says of each schema what to do about it."


def _serve(options: argparse.Namespace) -> None:
    from get3w_emulator.api.access import is_loopback
    from get3w_emulator.api.request_log import printable
    from get3w_emulator.server import EmulatorServer, listening, url_of
    from get3w_emulator.settings import WEBHOOK_DELAYS, Settings
    from get3w_emulator.state.world import World

    host, port = options.listen
    settings = Settings(
        schemas=options.schemas,
        api_key=options.api_key,
        image_seconds=options.image_seconds,
        speed=options.speed,
        fail_rate=options.fail_rate,
        moderated=tuple(options.moderate),
        seed=options.seed,
        tier=options.tier,
        balance=options.balance,
        billing_lag=options.billing_lag,
        history=options.history,
        webhook_secret=options.webhook_secret,
        webhook_delays=options.webhook_delays or WEBHOOK_DELAYS,
        state=options.state,
        listen=host,
        hosts=tuple(options.allow_host),
    )
    world = World(settings)
    for line in world.catalogue.left_out:
        print(printable(f"left out: {line}"), file=sys.stderr)
    if world.catalogue.left_out:
        print(_ADVICE, file=sys.stderr, flush=True)
    with listening(host, port) as listener:
        url = url_of(listener)
        if not is_loopback(host):
            print(_beyond_this_machine(host), file=sys.stderr)
        count = len(world.catalogue)
        lines = (
            f"{count} model{'' if count == 1 else 's'} at {url} with the key {settings.api_key}; "
            f"point a client here: GET3W_BASE_URL={url} GET3W_API_KEY={settings.api_key}\n"
            f"Open {url}/ to try them in a browser; what is emulated and what is not: "
            f"{url}/_emulator/about; OpenAPI: {url}/openapi.json"
        )
        log = _log if options.log else None
        EmulatorServer(world, lambda: print(lines, flush=True), log).run([listener])


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _beyond_this_machine(host: str) -> str:
    return (
        f"Warning: listening on {host}, so other machines can reach this emulator. Without a key "
        "they can read its ledger and change its faults, clock and outcomes. Listen on 127.0.0.1 "
        "unless you trust that network."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="get3w-emulator",
        description="Serve a local Get3W from model schemas alone.",
        epilog="Exit status: 0 stopped, 1 no schema can be used, 2 wrong use.",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('get3w-models')}"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=_address,
        default=("127.0.0.1", 8333),
        help="where to listen (default: 127.0.0.1:8333; port 0 is any that is free)",
    )
    where.add_argument(
        "--port",
        dest="listen",
        metavar="PORT",
        type=_port,
        default=argparse.SUPPRESS,
        help="listen on this port of 127.0.0.1",
    )
    parser.add_argument(
        "--log",
        action="store_true",
        help="write a line about each call to stderr: method, path, status, time, fault",
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="answer to this host name too, such as that of a container; may be repeated",
    )
    parser.add_argument(
        "--schemas",
        metavar="DIR",
        type=Path,
        help="the folder of model schemas (default: those that come with it)",
    )
    parser.add_argument(
        "--api-key", metavar="KEY", default="test-key", help="the key to accept (default: test-key)"
    )
    parser.add_argument(
        "--image-seconds",
        metavar="SECONDS",
        type=float,
        default=1.0,
        help="how long an image takes; a video takes five times as long (default: 1.0)",
    )
    parser.add_argument(
        "--speed",
        metavar="FACTOR",
        type=float,
        default=1.0,
        help="by how much all predictions are faster than that (default: 1)",
    )
    parser.add_argument(
        "--fail-rate",
        metavar="SHARE",
        type=float,
        default=0.0,
        help="which share of the predictions fails, such as 0.05 (default: 0)",
    )
    parser.add_argument(
        "--moderate",
        metavar="WORD",
        action="append",
        default=[],
        help="a prompt that holds this word fails in content moderation; may be repeated",
    )
    parser.add_argument(
        "--seed",
        metavar="NUMBER",
        type=int,
        help="make ids and chances the same in every run (default: ids are random)",
    )
    parser.add_argument(
        "--tier",
        choices=("bronze", "silver", "gold", "ultra"),
        help="limit unfinished tasks as for this account level (default: no limit)",
    )
    parser.add_argument(
        "--balance",
        metavar="USD",
        type=_amount,
        help="what the account holds; at zero, submits are refused (default: never refused)",
    )
    parser.add_argument(
        "--billing-lag",
        metavar="SECONDS",
        type=float,
        default=0.0,
        help="how long after the charge a record appears in the billings (default: 0)",
    )
    parser.add_argument(
        "--history",
        action="store_true",
        help="serve WaveSpeed's POST /api/v3/predictions too (default: 404, as Get3W documents)",
    )
    parser.add_argument(
        "--webhook-secret",
        metavar="SECRET",
        help="sign webhooks with it (default: they are not signed)",
    )
    parser.add_argument(
        "--webhook-delays",
        metavar="SECONDS",
        type=float,
        nargs="+",
        help="the seconds before each attempt to deliver a webhook (default: 0 1 5 30)",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="keep the state in this file, also across restarts (default: in memory)",
    )
    return parser


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and int(port) < 65536):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not HOST:PORT, such as 127.0.0.1:8333; --port takes a port alone"
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def _port(text: str) -> tuple[str, int]:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, such as 8333")
    return "127.0.0.1", int(text)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount") from None


if __name__ == "__main__":
    sys.exit(main())
