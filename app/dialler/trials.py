"""Experiments that have their answer are ended by the dialler, whoever looks or does not."""

from __future__ import annotations

import logging
from contextlib import closing

from dialer_core.clock import Instant
from dialer_core.store.address import Place
from dialer_core.store.experiments import ExperimentStore
from dialer_core.store.variants import State

log = logging.getLogger("app.dialler.trials")


def look_at_experiments(database: Place, now: Instant) -> int:
    """Ask the stop rule about each experiment that runs; how many it has ended.

    It may be asked at any time: its intervals hold at all of them at once.
    """
    ended = 0
    with closing(ExperimentStore(database)) as store:
        for experiment_id in store.running():
            if store.look(experiment_id, now).experiment.state is State.ENDED:
                ended += 1
                log.info("experiment %d was ended by its stop rule", experiment_id)
    return ended
