"""Starting, watching and stopping the demo's processes; one set-up at a time in one folder."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import dev

HOLD_LOCK = """
import sys, time
from pathlib import Path
import dev
with dev.locked(Path(sys.argv[1]), waiting=None) as lock:
    print("held" if lock else "refused", flush=True)
    time.sleep(float(sys.argv[2]))
"""

SUPERVISE = """
import sys, time
from pathlib import Path
import dev
sys.argv[1:], logs = [], Path(sys.argv[1])
def work():
    supervisor = dev.Supervisor(dev.child_environment(), logs)
    try:
        child = supervisor.start("worker", "-c", "import time; print('up', flush=True); time.sleep(60)")
        supervisor.wait_for(lambda: child.log.read_text(), "the worker")
        print(child.process.pid, flush=True)
        while True:
            supervisor.check()
            time.sleep(0.02)
    finally:
        supervisor.stop()
dev.run = lambda arguments: work()
dev.read_command = lambda words: None
sys.exit(dev.main())
"""


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def a_supervisor(logs: Path) -> dev.Supervisor:
    return dev.Supervisor(dev.child_environment(), logs)


def test_a_child_that_ends_by_itself_is_named_with_its_last_words(tmp_path: Path) -> None:
    supervisor = a_supervisor(tmp_path)
    supervisor.start("worker", "-c", "raise SystemExit('no broker answers')")
    try:
        with pytest.raises(
            dev.Stop, match=r"(?s)The worker process ended by itself.*no broker answers"
        ) as told:
            supervisor.wait_for(lambda: False, "nothing")
        assert told.value.code == 1
    finally:
        supervisor.stop()


def test_a_child_that_will_not_stop_is_made_to_with_all_it_started(tmp_path: Path) -> None:
    supervisor = a_supervisor(tmp_path)
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); "
        "time.sleep(60)"
    )
    child = supervisor.start("worker", "-c", stubborn)
    grandchild = int(supervisor.wait_for(child.log.read_text, "its pid"))
    supervisor.stop(patience=0.3)
    assert child.process.poll() == -signal.SIGKILL
    deadline = time.monotonic() + 5
    while state_of(grandchild) not in {"gone", "Z"} and time.monotonic() < deadline:
        time.sleep(0.02)
    assert state_of(grandchild) in {"gone", "Z"}


def state_of(process: int) -> str:
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()[:1] or "gone"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_every_child_even_when_sent_twice(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path)], cwd=dev.ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(number)
        parent.send_signal(number)
        assert parent.wait(20) == 128 + number
    assert not alive(child)


def test_only_warnings_and_worse_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = a_supervisor(tmp_path)
    lines = json.dumps([{"event": "claimed", "level": "info"}, {"event": "late", "level": "warning"}])
    child = supervisor.start("worker", "-c", f"import json; [print(json.dumps(e)) for e in {lines}]")
    child.process.wait()
    child.show_news()
    supervisor.stop()
    shown = capsys.readouterr().err
    assert "late" in shown
    assert "claimed" not in shown


def test_a_lock_is_held_by_one_process_and_freed_when_it_ends(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(lock), "60"], cwd=dev.ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with dev.locked(lock, waiting=None) as ours:
            assert ours is None
        holder.kill()
    with dev.locked(lock, waiting=None) as ours:
        assert ours is not None


def test_the_web_port_of_last_time_is_used_again_unless_somebody_has_it(tmp_path: Path) -> None:
    first = dev.usual_port(tmp_path)
    assert dev.usual_port(tmp_path) == first
    with dev.socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()
        assert dev.usual_port(tmp_path) != first


def test_the_demo_makes_its_keys_once_and_keeps_them_from_others(tmp_path: Path) -> None:
    made = dev.demo_secrets(tmp_path)
    assert dev.demo_secrets(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
    assert len(made["ENGAGE_SECRET_KEY"]) >= 32
