// A certificate for 127.0.0.1, made on the spot: Node can sign one, but has nothing that writes one down.

import { createHash, generateKeyPairSync, sign } from "node:crypto";

const HOUR = 3_600_000;
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

/** A self-signed certificate and its key, as PEM. Who trusts the certificate trusts the server. */
export function certificate(name = "Deskhand tests") {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(tagged(0x06, ECDSA_WITH_SHA256));
  const subject = sequence(tagged(0x31, sequence(tagged(0x06, COMMON_NAME), tagged(0x0c, Buffer.from(name)))));
  const address = tagged(0x87, [127, 0, 0, 1]);
  const names = sequence(tagged(0x06, SUBJECT_ALT_NAME), tagged(0x04, sequence(address)));
  const key = publicKey.export({ type: "spki", format: "der" });
  const serial = createHash("sha256").update(key).digest().subarray(0, 16);
  serial[0] = (serial[0] & 0x3f) | 0x40;
  const body = sequence(
    tagged(0xa0, tagged(0x02, [2])),
    tagged(0x02, serial),
    algorithm,
    subject,
    sequence(time(Date.now() - HOUR), time(Date.now() + 24 * HOUR)),
    subject,
    key,
    tagged(0xa3, sequence(names)),
  );
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(body, algorithm, tagged(0x03, [0, ...signature]));
  const lines = whole.toString("base64").match(/.{1,64}/g).join("\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}

function tagged(tag, content) {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

function sequence(...parts) {
  return tagged(0x30, Buffer.concat(parts));
}

function time(at) {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}
