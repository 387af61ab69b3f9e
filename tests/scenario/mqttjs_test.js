// The JavaScript client library mqtt.js in 3.1.1 and 5.0: what an application does with it.
// node mqttjs_test.js URL VERSION runs every scenario and prints one JSON line for each, which
// mqttjs_test.py reads.

"use strict";

const assert = require("node:assert/strict");
const mqtt = require("mqtt");

const WAIT = 1000 * Number(process.env.HOLDFAST_WAIT_SECONDS || 20);
const scenarios = new Map();
const [url, protocolVersion] = [process.argv[2], Number(process.argv[3])];
const is5 = protocolVersion === 5;

function scenario(name, run) {
  scenarios.set(name, run);
}

/// A client whose events can be awaited: connected, then messages one by one.
class Client {
  constructor(options = {}) {
    this.messages = [];
    this.waiting = [];
    const clientId = options.id ? `${options.id}-${protocolVersion}` : undefined;
    this.mqtt = mqtt.connect(url, {
      protocolVersion,
      reconnectPeriod: 0,
      connectTimeout: WAIT,
      ...(clientId && { clientId }),
      ...options,
    });
    this.mqtt.on("message", (topic, payload, packet) => this.arrive({ topic, payload, packet }));
    this.connected = this.event("connect");
    Client.all.push(this);
  }

  static async open(options) {
    const client = new Client(options);
    client.connack = await client.connected;
    return client;
  }

  event(name) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${name} in time`)), WAIT);
      this.mqtt.once(name, (value) => {
        clearTimeout(timer);
        resolve(value);
      });
      if (name !== "error") this.mqtt.once("error", reject);
    });
  }

  arrive(message) {
    const next = this.waiting.shift();
    if (next) next(message);
    else this.messages.push(message);
  }

  message() {
    if (this.messages.length) return Promise.resolve(this.messages.shift());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no message in time")), WAIT);
      this.waiting.push((message) => {
        clearTimeout(timer);
        resolve(message);
      });
    });
  }

  async payloads(count) {
    const got = [];
    while (got.length < count) got.push((await this.message()).payload.toString());
    return got;
  }

  subscribe(topic, options = { qos: 2 }) {
    return this.mqtt.subscribeAsync(topic, options);
  }

  publish(topic, payload, options = { qos: 1 }) {
    return this.mqtt.publishAsync(topic, payload, options);
  }

  end() {
    return this.mqtt.endAsync();
  }
}
Client.all = [];

const numbers = (count) => Array.from({ length: count }, (_, number) => String(number));

/// Options of a client whose session stays.
function persistent(id) {
  return { id, clean: false, ...(is5 && { properties: { sessionExpiryInterval: 300 } }) };
}

scenario("every QoS reaches every QoS in order", async () => {
  const publisher = await Client.open();
  for (const granted of [0, 1, 2]) {
    const subscriber = await Client.open();
    const [grant] = await subscriber.subscribe(`qos/${granted}`, { qos: granted });
    assert.equal(grant.qos, granted);
    for (const qos of [0, 1, 2]) {
      const topic = `qos/${granted}`;
      for (const payload of numbers(20)) await publisher.publish(topic, payload, { qos });
      for (const payload of numbers(20)) {
        const message = await subscriber.message();
        assert.equal(message.payload.toString(), payload);
        assert.equal(message.packet.qos, Math.min(qos, granted));
      }
    }
  }
});

scenario("a thousand messages at once arrive in order", async () => {
  const [subscriber, publisher] = [await Client.open(), await Client.open()];
  await subscriber.subscribe("many");
  const sent = numbers(1000).map((payload) => publisher.publish("many", payload, { qos: 1 }));
  assert.deepEqual(await subscriber.payloads(1000), numbers(1000));
  await Promise.all(sent);
});

// clause: MQTT3-3.1.2-5, MQTT5-3.1.2-23
scenario("messages wait for a persistent session", async () => {
  const first = await Client.open(persistent("s"));
  assert.equal(first.connack.sessionPresent, false);
  await first.subscribe("waiting", { qos: 2 });
  await first.end();
  const publisher = await Client.open();
  for (const payload of numbers(50)) await publisher.publish("waiting", payload, { qos: 2 });
  const second = await Client.open(persistent("s"));
  assert.equal(second.connack.sessionPresent, true);
  await publisher.publish("waiting", "live", { qos: 2 });
  assert.deepEqual(await second.payloads(51), [...numbers(50), "live"]);
});

scenario("the library reconnects by itself and misses nothing", async () => {
  const subscriber = await Client.open({ ...persistent("r"), reconnectPeriod: 100 });
  await subscriber.subscribe("again", { qos: 1 });
  const publisher = await Client.open();
  const back = subscriber.event("connect");
  subscriber.mqtt.stream.destroy();
  await publisher.publish("again", "meanwhile");
  assert.equal((await back).sessionPresent, true);
  await publisher.publish("again", "live");
  assert.deepEqual(await subscriber.payloads(2), ["meanwhile", "live"]);
});

scenario("a will comes after a lost connection only", async () => {
  const watcher = await Client.open();
  await watcher.subscribe("will");
  const will = (payload) => ({ will: { topic: "will", payload, qos: 1 } });
  await (await Client.open(will("never"))).end();
  const lost = await Client.open(will("gone"));
  lost.mqtt.stream.destroy();
  assert.deepEqual(await watcher.payloads(1), ["gone"]);
});

scenario("retained messages are kept, replaced and deleted", async () => {
  const publisher = await Client.open();
  const retain = { qos: 1, retain: true };
  for (const payload of ["old", "new"]) await publisher.publish("kept", payload, retain);
  const subscriber = await Client.open();
  await subscriber.subscribe("kept");
  const message = await subscriber.message();
  assert.equal(message.payload.toString(), "new");
  assert.equal(message.packet.retain, true);
  await publisher.publish("kept", "", retain);
  assert.equal((await subscriber.message()).packet.retain, false);
  const late = await Client.open();
  await late.subscribe("kept");
  await publisher.publish("kept", "live");
  assert.deepEqual(await late.payloads(1), ["live"]);
});

scenario("a large payload arrives unchanged", async () => {
  const [subscriber, publisher] = [await Client.open(), await Client.open()];
  await subscriber.subscribe("large");
  const payload = Buffer.alloc(900_000, "0123456789abcdef\u0000");
  for (const qos of [0, 1, 2]) {
    await publisher.publish("large", payload, { qos });
    assert.ok(payload.equals((await subscriber.message()).payload));
  }
});

scenario("subscriptions are added and removed", async () => {
  const [subscriber, publisher] = [await Client.open(), await Client.open()];
  const filters = { "a/+": { qos: 0 }, "b/#": { qos: 1 }, c: { qos: 2 } };
  const grants = await subscriber.subscribe(filters);
  assert.deepEqual(grants.map((grant) => grant.qos), [0, 1, 2]);
  for (const topic of ["a/x", "a/x/y", "b", "b/x/y", "c"]) await publisher.publish(topic, topic);
  assert.deepEqual(await subscriber.payloads(4), ["a/x", "b", "b/x/y", "c"]);
  await subscriber.mqtt.unsubscribeAsync(["b/#", "not there"]);
  for (const topic of ["b", "c"]) await publisher.publish(topic, topic);
  assert.deepEqual(await subscriber.payloads(1), ["c"]);
});

scenario("the newer of two with one identifier stays", async () => {
  const older = await Client.open(persistent("t"));
  const closed = older.event("close");
  const told = is5 ? older.event("disconnect") : null;
  const newer = await Client.open(persistent("t"));
  await closed;
  if (told) assert.equal((await told).reasonCode, 0x8e);
  assert.equal(newer.connack.sessionPresent, true);
  await newer.subscribe("mine");
  await newer.publish("mine", "x");
  assert.deepEqual(await newer.payloads(1), ["x"]);
});

// clause: MQTT5-3.3.2-17, MQTT5-3.3.2-18
scenario("5.0: properties pass through", async () => {
  const [subscriber, publisher] = [await Client.open(), await Client.open()];
  await subscriber.subscribe("properties", { qos: 1, properties: { subscriptionIdentifier: 7 } });
  const properties = {
    payloadFormatIndicator: true,
    contentType: "text/plain",
    responseTopic: "answers/here",
    correlationData: Buffer.from([0, 1, 255]),
    userProperties: { b: ["2", "3"], a: "1" },
  };
  await publisher.publish("properties", "x", { qos: 1, properties });
  const got = (await subscriber.message()).packet.properties;
  assert.equal(got.subscriptionIdentifier, 7);
  delete got.subscriptionIdentifier;
  assert.deepEqual({ ...got, userProperties: { ...got.userProperties } }, properties);
});

scenario("5.0: topic aliases both ways", async () => {
  const publisher = await Client.open({ autoUseTopicAlias: true, autoAssignTopicAlias: true });
  assert.ok(publisher.connack.properties.topicAliasMaximum > 0);
  const subscriber = await Client.open({ properties: { topicAliasMaximum: 3 } });
  await subscriber.subscribe("alias/#");
  const topics = numbers(40).map((number) => `alias/${number % 7}`);
  for (const topic of topics) await publisher.publish(topic, topic);
  for (const topic of topics) {
    const message = await subscriber.message();
    assert.equal(message.payload.toString(), topic);
    assert.equal(message.topic, topic);
  }
});

scenario("5.0: subscription options and shared subscriptions", async () => {
  const [own, other] = [await Client.open(), await Client.open()];
  await other.publish("options", "kept", { qos: 1, retain: true });
  await own.subscribe("options", { qos: 1, nl: true, rap: true, rh: 2 });
  await own.publish("options", "own");
  await other.publish("options", "other", { qos: 1, retain: true });
  const message = await own.message();
  assert.equal(message.payload.toString(), "other");
  assert.equal(message.packet.retain, true);
  await own.subscribe("$share/group/shared", { qos: 1 });
  for (const payload of numbers(5)) await other.publish("shared", payload);
  assert.deepEqual(await own.payloads(5), numbers(5));
});

async function main() {
  for (const [title, run] of scenarios) {
    if (title.startsWith("5.0") && !is5) continue;
    let error = null;
    await run().catch((caught) => (error = String(caught.stack || caught)));
    for (const client of Client.all.splice(0)) client.mqtt.end(true);
    console.log(JSON.stringify({ title, error }));
  }
}

// A scenario that failed may leave exchanges behind that nobody waits for any more.
process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
main().then(() => process.exit(0));
