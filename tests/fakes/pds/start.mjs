// The real Bluesky server (PDS) with a directory in memory, on loopback only, without a network.
// Usage: node start.mjs DIRECTORY. Prints {"pds": "http://127.0.0.1:…"} once it answers; ends on SIGTERM.
import net from "node:net";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";

// Both servers listen on every interface by default; nobody outside this machine may reach them.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port: Number(port), host: "127.0.0.1" }, ...rest.filter((each) => typeof each === "function"));
};

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const directory = process.argv[2];
mkdirSync(join(directory, "blobs"), { recursive: true });
const require = createRequire(import.meta.url);
const { PlcServer, Database } = require("@did-plc/server");
const { PDS, envToCfg, envToSecrets } = await import("@atproto/pds");

const [plcPort, pdsPort] = [await freePort(), await freePort()];
const plc = PlcServer.create({ db: Database.mock(), port: plcPort });
await plc.start();
const env = {
  devMode: true,
  port: pdsPort,
  hostname: "localhost",
  dataDirectory: directory,
  blobstoreDiskLocation: join(directory, "blobs"),
  didPlcUrl: `http://127.0.0.1:${plcPort}`,
  inviteRequired: false,
  rateLimitsEnabled: false,
  disableSsrfProtection: true,
  jwtSecret: randomBytes(16).toString("hex"),
  dpopSecret: randomBytes(32).toString("hex"),
  adminPassword: randomBytes(16).toString("hex"),
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString("hex"),
};
const pds = await PDS.create(envToCfg(env), envToSecrets(env));
await pds.start();
process.on("SIGTERM", () => process.exit(0));
console.log(JSON.stringify({ pds: `http://127.0.0.1:${pdsPort}` }));
