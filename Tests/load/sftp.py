#!/usr/bin/env python3
"""A drop on an SFTP server beside fetching it with `sftp` and syncing the fetched file: prints a table of seconds.

    python3 Tests/load/sftp.py [--megabytes 200] [--runs 3] [--directory DIR]

It needs a release build (`swift build -c release`) and OpenSSH's server and client; the server listens on the loopback interface, with keys
made here, and ends with the program.
"""
import argparse, os, shutil, socket, statistics, subprocess, time

HERE = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(HERE))
arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--megabytes", type=int, default=200)
arguments.add_argument("--runs", type=int, default=3)
arguments.add_argument("--directory", default="hearth-sftp")
arguments.add_argument("--build", default=os.path.join(REPOSITORY, ".build/release"))
options = arguments.parse_args()
folder = os.path.abspath(options.directory)
shutil.rmtree(folder, ignore_errors=True)
for part in ("drops", "keys", "Mappings", "Config"):
    os.makedirs(os.path.join(folder, part))


def path(*parts):
    return os.path.join(folder, *parts)


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


note = "用户申请减免,经审核同意;室温不足,已登记上门测温,结果另附。" * 2
with open(path("drops", "yh_1.csv"), "w") as file:
    file.write("id,name,area,note\n")
    row = 0
    while file.tell() < options.megabytes * 1_000_000:
        file.write("".join(f'{10_000_000 + row + i},用户{row + i},{50 + (row + i) % 90}.5,"{note}{row + i}"\n' for i in range(1000)))
        row += 1000
size = os.path.getsize(path("drops", "yh_1.csv"))

for key in ("host", "user"):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path("keys", key)], check=True)
shutil.copy(path("keys", "user.pub"), path("keys", "authorized"))
fingerprint = subprocess.run(["ssh-keygen", "-lf", path("keys", "host.pub")], check=True, capture_output=True, text=True).stdout.split()[1]
with socket.socket() as one:
    one.bind(("127.0.0.1", 0))
    port = one.getsockname()[1]
write("sshd.conf", f"""Port {port}
ListenAddress 127.0.0.1
HostKey {path("keys", "host")}
AuthorizedKeysFile {path("keys", "authorized")}
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
""")
if os.geteuid() == 0:
    os.makedirs("/run/sshd", exist_ok=True)
user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()

write("Mappings/unified.yaml", "facts:\n  holder.name: {from: [p.f]}\n  area.building: {from: [p.f]}\nlists: {}\n")
write("Mappings/p.f.yaml", """entity: account
from: p.f
key: [id]
account: {column: id, as: accountNumber, introduces: true}
fields:
  holder.name: {column: name, as: text}
  area.building: {column: area, as: decimal(3), unit: m2}
  remark: {column: note, as: text}
""")
for name, remote in (("local", ""), ("remote", f', remote: {{url: "sftp://127.0.0.1:{port}{path("drops")}", user: {user}, key: {path("keys", "user")}, hostKey: ["{fingerprint}"]}}')):
    place = path("drops") if name == "local" else path("spool")
    write(f"Config/{name}.yaml", f"""store: {{sqlite: {path(name + ".db")}}}
mappings: {path("Mappings")}
archive: off
sources:
  p:
    csv: {{folder: {place}{remote}}}
    streams: {{f: {{pattern: "*.csv", key: [id]}}}}
""")


def forget():
    for name in os.listdir(folder):
        if ".db" in name:
            os.remove(path(name))
    shutil.rmtree(path("spool"), ignore_errors=True)
    os.makedirs(path("spool"))


def seconds(command, **more):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return time.monotonic() - began


def sync(name):
    return seconds([os.path.join(options.build, "hearth"), "sync", "--config", path("Config", name + ".yaml")])


def fetch():
    return seconds(["sftp", "-q", "-P", str(port), "-i", path("keys", "user"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                    f"{user}@127.0.0.1:{path('drops', 'yh_1.csv')}", "/dev/null"])


server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", path("sshd.conf")], stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    rounds = []
    for _ in range(options.runs):
        forget()
        rounds.append((fetch(), sync("local"), sync("remote")))
finally:
    server.terminate()
    server.wait()
fetched, local, remote = (statistics.median([each[part] for each in rounds]) for part in range(3))
ratio = statistics.median([each[2] / (each[0] + each[1]) for each in rounds])
print(f"| SFTP drop of {size / 1e6:.0f} MB, {row:,} rows, {options.runs} rounds | sftp to /dev/null {fetched:.2f} s + local sync {local:.2f} s | {remote:.2f} s | {ratio:.2f} | 1.1 |")
shutil.rmtree(folder)
