// Posts a message for a device, signed with an access key (SDK-HMAC-SHA256). Node.js 18 or newer, nothing else:
//   AK=... SK=... PROJECT=... node post_message.mjs 127.0.0.1:8080 pump-7 'open valve 2'
import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";

const [host, device, message] = process.argv.slice(2);
const { AK, SK, PROJECT } = process.env;

const hash = (text) => createHash("sha256").update(text).digest("hex");

function signature(method, path, date, body) {
  const canonical = `${method}\n${path}/\n\nhost:${host}\nx-sdk-date:${date}\n\nhost;x-sdk-date\n${hash(body)}`;
  return createHmac("sha256", SK).update(`SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`).digest("hex");
}

const path = `/v5/iot/${PROJECT}/devices/${device}/messages`;
const body = JSON.stringify({ message });
const date = new Date().toISOString().replace(/[-:]|\.\d+/g, ""); // 20260131T120000Z
const sent = request(`http://${host}${path}`, {
  method: "POST",
  headers: {
    Host: host,
    "Content-Type": "application/json",
    "X-Sdk-Date": date,
    Authorization: `SDK-HMAC-SHA256 Access=${AK}, SignedHeaders=host;x-sdk-date, Signature=${signature("POST", path, date, body)}`,
  },
});
sent.on("response", (answer) => {
  console.log(answer.statusCode);
  answer.pipe(process.stdout);
});
sent.end(body);
