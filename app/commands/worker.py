"""`postlens worker`: a worker of a Dask cluster, with the plugins and posts of a deployment."""

from __future__ import annotations

import os
from pathlib import Path

import click

from postlens.app.commands._console import config_option, out, verbose_option


@click.command()
@click.argument("scheduler")
@config_option
@click.option("--data", metavar="SOURCE", help="A source in place of the config's, as for serve.")
@click.option(
    "--memory", "memory_mb", type=click.IntRange(500), default=4000, show_default=True, help="MB it may take."
)
@click.option("--name", help="What to call it; its address otherwise.")
@verbose_option
def command(scheduler: str, config_path: Path | None, data: str | None, memory_mb: int, name: str | None) -> None:
    """Answer questions of servers that share SCHEDULER, such as tls://10.0.0.5:8786.

    It opens the same deployment as they do: their config, their plugins, and their posts by the same source.
    """
    import asyncio
    import logging

    from postlens.app.cluster.asked import CONFIG, DATA
    from postlens.core.contract.problems import fail
    from postlens.core.host.config import load

    try:
        import dask
        from distributed import Nanny

        from postlens.app.cluster.clustered import security_of
    except ImportError as error:
        raise fail("Dask is not installed.", hint='Install it with pip install "postlens[dask]".') from error
    deployment = load(config_path, lenient=True)
    told = {CONFIG: str(deployment.path.resolve()) if deployment.path else "", DATA: data or ""}
    os.environ.update(told)

    async def work() -> None:
        nanny = Nanny(
            scheduler, nthreads=1, memory_limit=memory_mb * 1_000_000, name=name, env=told,
            security=security_of(scheduler), dashboard=False, dashboard_address="127.0.0.1:0",
        )  # fmt: skip
        async with nanny:
            out().print(f"A worker of {scheduler}   (Ctrl-C stops it)", highlight=False)
            await nanny.finished()  # type: ignore[no-untyped-call]

    dask.config.set({"distributed.comm.timeouts.connect": "10s"})
    logging.getLogger("distributed").setLevel(logging.ERROR)
    try:
        asyncio.run(work())
    except (OSError, RuntimeError) as error:
        raise fail(
            f"The scheduler at {scheduler} cannot be reached.",
            why=f"{error.__cause__ or error}"[:200],
            hint="Start it first: dask scheduler",
        ) from error
