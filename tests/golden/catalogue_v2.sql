PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE products(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id TEXT NOT NULL UNIQUE,
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    device_type TEXT NOT NULL,
    protocol_type TEXT NOT NULL,
    data_format TEXT NOT NULL,
    manufacturer_name TEXT NOT NULL,
    industry TEXT NOT NULL,
    description TEXT NOT NULL,
    service_capabilities TEXT NOT NULL,
    created_at INTEGER NOT NULL);
INSERT INTO products VALUES(1,'4e6700964662519398f0d8d6','407222b59b82ff357255cb8be0bba998','default','default','MQTT','json','','','','[]',1795730582952);
CREATE TABLE product_topics(
    product_id TEXT NOT NULL REFERENCES products(product_id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    suffix TEXT NOT NULL,
    may_publish INTEGER NOT NULL,
    may_subscribe INTEGER NOT NULL,
    PRIMARY KEY(product_id, place)) WITHOUT ROWID;
CREATE TABLE devices(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id TEXT NOT NULL UNIQUE,
    node_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    product_id TEXT NOT NULL REFERENCES products(product_id),
    app_id TEXT NOT NULL,
    gateway_id TEXT REFERENCES devices(device_id),
    description TEXT NOT NULL,
    secret TEXT NOT NULL,
    secondary_secret TEXT NOT NULL,
    is_frozen INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    extension_info TEXT NOT NULL,
    is_secure_access INTEGER NOT NULL,
    activation_timeout INTEGER NOT NULL);
INSERT INTO devices VALUES(1,'pump-7','pump-7','','4e6700964662519398f0d8d6','407222b59b82ff357255cb8be0bba998',NULL,'','12345678','',0,1795730582980,NULL,'',0,0);
INSERT INTO devices VALUES(2,'valve-1','v','','4e6700964662519398f0d8d6','407222b59b82ff357255cb8be0bba998',NULL,'','abcdefgh','second-secret',0,1795730583004,NULL,'',1,300);
CREATE TABLE users(
    name TEXT NOT NULL PRIMARY KEY,
    domain TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE settings(
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE totals(name TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO totals VALUES('devices',2);
INSERT INTO totals VALUES('products',1);
CREATE TABLE removed_devices(
    number INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('products',1);
INSERT INTO sqlite_sequence VALUES('devices',3);
CREATE INDEX devices_by_product ON devices(product_id);
CREATE INDEX devices_by_gateway ON devices(gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX devices_by_node ON devices(node_id);
CREATE INDEX devices_by_name ON devices(device_name);
CREATE TRIGGER device_added AFTER INSERT ON devices BEGIN
    UPDATE totals SET count = count + 1 WHERE name = 'devices'; END;
CREATE TRIGGER device_removed AFTER DELETE ON devices BEGIN
    UPDATE totals SET count = count - 1 WHERE name = 'devices'; END;
CREATE TRIGGER product_added AFTER INSERT ON products BEGIN
    UPDATE totals SET count = count + 1 WHERE name = 'products'; END;
CREATE TRIGGER product_removed AFTER DELETE ON products BEGIN
    UPDATE totals SET count = count - 1 WHERE name = 'products'; END;
CREATE TRIGGER device_removed_elsewhere AFTER DELETE ON devices BEGIN
    INSERT INTO removed_devices VALUES(old.number, old.device_id); END;
COMMIT;
PRAGMA application_id=1212572532;
PRAGMA user_version=2;
