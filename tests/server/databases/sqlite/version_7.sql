BEGIN TRANSACTION;
CREATE TABLE altered_texts (
	request INTEGER NOT NULL, 
	item_index INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (request, item_index), 
	FOREIGN KEY(request) REFERENCES requests (id)
);
CREATE TABLE api_keys (
	id INTEGER NOT NULL, 
	key_hash VARCHAR(64) NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	public_key TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	shown TEXT, 
	retired_at TEXT, 
	last_used_at TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
INSERT INTO "api_keys" VALUES(1,'00e829a3fb9fbead59bcd8d23df3bf0c77a0382fbca7a550f80239f277e1ebd3','3f1c0000-0000-4000-8000-000000000000','-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArQNeCQxDIZ1xb8bETwGw
4ZoJvvEeIOouKdMAldv0DqCByACNlSLmrEfI/hI362ERQNPAbsn5VnjKqxfCakVR
XbfMZDan2L1GMAZEBkscFjkLo5MjYH6z+Pfxng4o43lgle9gI2b7OA+0G81o+ZUW
t7LsiwbVUMYIQ3Hixm8TfTeN4XwNdZMftt2e6SlnQ23sJiO85RZNwflk2exmGF+l
Hu2/w8QutI4GueH6DQixaDRASFIcazv3+S+cyZ1NOUNHPFl6sR1FzlQZCWc/2b4m
+Iv8lyKw2vJY3npqm/pH6x6cgPu0SnYAItuliA3gMUCUsqrmOLYs13kFSkv2omh7
QQIDAQAB
-----END PUBLIC KEY-----
','2026-11-26T17:41:10.135536+00:00','a128…',NULL,'2026-11-26T17:41:10.300589+00:00');
CREATE TABLE buckets (
	data_space VARCHAR(36) NOT NULL, 
	tokens DOUBLE NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (data_space), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE cascaded (
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	root_feed VARCHAR(64) NOT NULL, 
	root VARCHAR(64) NOT NULL, 
	deleted_at TEXT NOT NULL, 
	PRIMARY KEY (data_space, feed, "key"), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
)
 WITHOUT ROWID

;
CREATE TABLE catalog_prices (
	data_space VARCHAR(36) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	price DOUBLE NOT NULL, 
	PRIMARY KEY (data_space, "key"), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
)
 WITHOUT ROWID

;
CREATE TABLE catalog_products (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	scope INTEGER NOT NULL, 
	sku TEXT NOT NULL, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	product_id INTEGER NOT NULL, 
	price DOUBLE NOT NULL, 
	own_price DOUBLE NOT NULL, 
	currency TEXT NOT NULL, 
	website TEXT NOT NULL, 
	visibility TEXT NOT NULL, 
	modified_at TEXT NOT NULL, 
	exported_at TEXT NOT NULL, 
	FOREIGN KEY(scope) REFERENCES catalog_scopes (id)
);
CREATE TABLE catalog_progress (
	data_space VARCHAR(36) NOT NULL, 
	up_to INTEGER NOT NULL, 
	PRIMARY KEY (data_space), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE catalog_scopes (
	id INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	store_view TEXT NOT NULL, 
	products INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (data_space, store_view), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)VALUES('table','catalog_words','catalog_words',0,'CREATE VIRTUAL TABLE catalog_words USING fts5(words, tokenize = ''ascii'', detail = none, columnsize = 0, prefix = ''6 7 8'')');
CREATE TABLE 'catalog_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO "catalog_words_config" VALUES('version',4);
CREATE TABLE 'catalog_words_content'(id INTEGER PRIMARY KEY, c0);
CREATE TABLE 'catalog_words_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO "catalog_words_data" VALUES(1,X'');
INSERT INTO "catalog_words_data" VALUES(10,X'00000000000000');
CREATE TABLE 'catalog_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE comparisons (
	home VARCHAR(64) NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	sent TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	finished_at TEXT, 
	error TEXT NOT NULL, 
	to_stop BOOLEAN NOT NULL, 
	PRIMARY KEY (home, data_space, number), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE data_spaces (
	id VARCHAR(36) NOT NULL, 
	name TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	keys_retired INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "data_spaces" VALUES('3f1c0000-0000-4000-8000-000000000000','shop','{"mode":"lenient","partial_failure":400,"keep_valid_items":true,"error_shape":"field","items_limit":null,"requests_per_minute":null,"catalog_requests_per_minute":300,"routes":null,"visibility_lag_s":null}','2026-11-26T17:41:09.834882+00:00',0);
CREATE TABLE delayed_writes (
	id INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	event INTEGER NOT NULL, 
	due_at TEXT, 
	requests_left INTEGER, 
	feed VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	identity TEXT, 
	hash VARCHAR(40) NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	modified_at TEXT, 
	request INTEGER NOT NULL, 
	item_index INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id), 
	FOREIGN KEY(event) REFERENCES fault_events (id), 
	FOREIGN KEY(request) REFERENCES requests (id)
);
CREATE TABLE digest_marks (
	data_space VARCHAR(36) NOT NULL, 
	request INTEGER NOT NULL, 
	PRIMARY KEY (data_space), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE fault_events (
	id INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	fault INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	feed TEXT NOT NULL, 
	"key" TEXT, 
	identity TEXT, 
	request_id TEXT NOT NULL, 
	item_index INTEGER, 
	items INTEGER NOT NULL, 
	recorded BOOLEAN NOT NULL, 
	change TEXT, 
	due TEXT, 
	recorded_at TEXT, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE fault_passes (
	fault INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	passes INTEGER NOT NULL, 
	PRIMARY KEY (fault, "key"), 
	FOREIGN KEY(fault) REFERENCES faults (id) ON DELETE CASCADE
);
CREATE TABLE faults (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	data_space VARCHAR(36) NOT NULL, 
	definition TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	seen INTEGER NOT NULL, 
	applied INTEGER NOT NULL, 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
INSERT INTO "faults" VALUES(1,'3f1c0000-0000-4000-8000-000000000000','{"action":"lose","parameters":{},"note":"","feed":null,"nth":null,"every":1,"probability":null,"seed":0,"identity":null,"where":null,"indexes":null,"attempt":null,"from":null,"until":null,"count":1}',1,0,0);
CREATE TABLE feed_reports (
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	reported_at TEXT NOT NULL, 
	source_records INTEGER NOT NULL, 
	sent INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	waiting INTEGER NOT NULL, 
	indexer TEXT NOT NULL, 
	items TEXT NOT NULL, 
	PRIMARY KEY (data_space, feed), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE ims_clients (
	client_id VARCHAR(64) NOT NULL, 
	secret_hash VARCHAR(64) NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	scopes TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	PRIMARY KEY (client_id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE ims_tokens (
	token_hash VARCHAR(64) NOT NULL, 
	client_id VARCHAR(64) NOT NULL, 
	scopes TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	revoked BOOLEAN NOT NULL, 
	PRIMARY KEY (token_hash), 
	FOREIGN KEY(client_id) REFERENCES ims_clients (client_id)
);
CREATE TABLE inbox (
	data_space VARCHAR(36) NOT NULL, 
	request INTEGER NOT NULL, 
	feed TEXT NOT NULL, 
	at TEXT NOT NULL, 
	items INTEGER NOT NULL, 
	operation TEXT, 
	writes BLOB NOT NULL, 
	PRIMARY KEY (data_space, request)
)
 WITHOUT ROWID

;
INSERT INTO "inbox" VALUES('3f1c0000-0000-4000-8000-000000000000',2,'products','2026-11-26T17:41:10.418525+00:00',1,'send',X'5B5B322C302C2237616366393862396535383835343131626633386336396537616364356436613130636565353264222C7B22736B75223A2241222C2273746F726556696577436F6465223A2264656661756C74227D2C2266326161316262306231363466653132643762653337616339383136303666313835343465313435222C66616C73652C6E756C6C5D5D');
CREATE TABLE item_digests (
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	bucket VARCHAR(64) NOT NULL, 
	alive INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	unsettled INTEGER NOT NULL, 
	resent INTEGER NOT NULL, 
	PRIMARY KEY (data_space, feed, bucket), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
)
 WITHOUT ROWID

;
CREATE TABLE item_names (
	data_space VARCHAR(36) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	PRIMARY KEY (data_space, name, feed, "key"), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
)
 WITHOUT ROWID

;
INSERT INTO "item_names" VALUES('3f1c0000-0000-4000-8000-000000000000','A','prices','e8c314a6db669c06deb35f41b135af51ee2e85a4');
INSERT INTO "item_names" VALUES('3f1c0000-0000-4000-8000-000000000000','A','products','7acf98b9e5885411bf38c69e7acd5d6a10cee52d');
CREATE TABLE item_versions (
	written INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	request INTEGER NOT NULL, 
	item_index INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	hash VARCHAR(40) NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	written_at TEXT, 
	PRIMARY KEY (written, place), 
	FOREIGN KEY(written) REFERENCES requests (id)
)
 WITHOUT ROWID

;
INSERT INTO "item_versions" VALUES(1,0,1,0,'3f1c0000-0000-4000-8000-000000000000','products','7acf98b9e5885411bf38c69e7acd5d6a10cee52d','1aa65576c3a2e72bc6760d307895b07e27b6e0e4',0,NULL);
CREATE TABLE items (
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	identity TEXT, 
	hash VARCHAR(40) NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	modified_at TEXT, 
	received_at TEXT NOT NULL, 
	request INTEGER NOT NULL, 
	item_index INTEGER NOT NULL, 
	versions INTEGER NOT NULL, 
	repeats INTEGER NOT NULL, 
	resends INTEGER NOT NULL, 
	digested TEXT, 
	PRIMARY KEY (data_space, feed, "key"), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id), 
	FOREIGN KEY(request) REFERENCES requests (id)
)
 WITHOUT ROWID

;
INSERT INTO "items" VALUES('3f1c0000-0000-4000-8000-000000000000','products','7acf98b9e5885411bf38c69e7acd5d6a10cee52d','{"sku":"A","storeViewCode":"default"}','1aa65576c3a2e72bc6760d307895b07e27b6e0e4',0,NULL,'2026-11-26T17:41:10.283732+00:00',1,0,1,0,0,NULL);
CREATE TABLE page_sessions (
	secret_hash VARCHAR(64) NOT NULL, 
	server VARCHAR(64) NOT NULL, 
	ends_at TEXT NOT NULL, 
	PRIMARY KEY (secret_hash)
);
CREATE TABLE payloads (
	request INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (request), 
	FOREIGN KEY(request) REFERENCES requests (id)
);
INSERT INTO "payloads" VALUES(1,X'78018BAE562ACE2E55B252507254D251502A2EC92F4A0DCB4C2D77CE4F490589A6A4A62596E69480E4525273524B525380A2698939C5A9B5B100377C1349');
INSERT INTO "payloads" VALUES(2,X'78018BAE562ACE2E55B252507254D251502A2EC92F4A0DCB4C2D77CE4F490589A6A4A62596E69480E4525273524B525380A2698939C5A94091BCC45CB0A2BCD472A5DA580073751762');
INSERT INTO "payloads" VALUES(3,X'78018BAE562ACE2E55B252507254D251504A2E2D2EC9CF4D2D722FCA2F2D70CE4F4905C9188064CA53938A334B5261624989C5A920E1A2D4F4D29CC42290B2DCC4BC4AA5DA58001BA1198B');
CREATE TABLE rejections (
	request INTEGER NOT NULL, 
	item_index INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	feed VARCHAR(64) NOT NULL, 
	"key" TEXT, 
	identity TEXT, 
	errors TEXT NOT NULL, 
	PRIMARY KEY (request, item_index), 
	FOREIGN KEY(request) REFERENCES requests (id)
);
INSERT INTO "rejections" VALUES(3,0,'3f1c0000-0000-4000-8000-000000000000','prices','e8c314a6db669c06deb35f41b135af51ee2e85a4','{"sku":"A","customerGroupCode":"0","websiteCode":"base"}','[{"pointer":"/regular","code":"invalid_type","message":"/regular is not a number, got \"many\"."},{"pointer":"/deleted","code":"missing_required_field","message":"/deleted is missing, expected true or false."}]');
CREATE TABLE requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	request_id TEXT NOT NULL, 
	received_at TEXT NOT NULL, 
	method TEXT NOT NULL, 
	route TEXT NOT NULL, 
	headers TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	data_space VARCHAR(36), 
	feed TEXT, 
	items INTEGER NOT NULL, 
	accepted INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	body_bytes INTEGER NOT NULL, 
	decoded_bytes INTEGER NOT NULL, 
	duration_ms DOUBLE NOT NULL, 
	code TEXT, 
	message TEXT, 
	answered BOOLEAN NOT NULL, 
	fault TEXT, 
	signature TEXT, 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
INSERT INTO "requests" VALUES(1,'92c43301c3bb4de0','2026-11-26T17:41:10.283732+00:00','POST','feeds/catalog/v2/products','{"Host":"127.0.0.1:35701","Accept-Encoding":"identity","Content-Length":"60","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"a128…","X-Gw-Signature":"eyJh…"}',200,'3f1c0000-0000-4000-8000-000000000000','products',1,1,0,60,60,90.467,NULL,NULL,1,NULL,'{"verified":true,"algorithm":"RS256","claims":{"exp":1795715170}}');
INSERT INTO "requests" VALUES(2,'1446dc9abba64065','2026-11-26T17:41:10.418525+00:00','POST','feeds/catalog/v2/products','{"Host":"127.0.0.1:35701","Accept-Encoding":"identity","Content-Length":"75","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"a128…","X-Gw-Signature":"eyJh…"}',200,'3f1c0000-0000-4000-8000-000000000000','products',1,1,0,75,75,0.754,NULL,NULL,1,NULL,'{"verified":true,"algorithm":"RS256","claims":{"exp":1795715170}}');
INSERT INTO "requests" VALUES(3,'d024d0d1842e420f','2026-11-26T17:41:10.430404+00:00','POST','feeds/products/v1/prices','{"Host":"127.0.0.1:35701","Accept-Encoding":"identity","Content-Length":"82","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"a128…","X-Gw-Signature":"eyJh…"}',400,'3f1c0000-0000-4000-8000-000000000000','prices',1,0,1,82,82,9.436,NULL,NULL,1,NULL,'{"verified":true,"algorithm":"RS256","claims":{"exp":1795715170}}');
CREATE TABLE resyncs (
	id INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	feeds TEXT NOT NULL, 
	state TEXT NOT NULL, 
	requested_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	at_once BOOLEAN NOT NULL, 
	ids TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(7);
CREATE TABLE sync_runs (
	id INTEGER NOT NULL, 
	data_space VARCHAR(36) NOT NULL, 
	feed TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	state TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	finished_at TEXT, 
	sources INTEGER NOT NULL, 
	sources_done INTEGER NOT NULL, 
	submitted INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	reason TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE TABLE sync_schedules (
	data_space VARCHAR(36) NOT NULL, 
	every_s INTEGER NOT NULL, 
	next_at TEXT NOT NULL, 
	reported_at TEXT NOT NULL, 
	PRIMARY KEY (data_space), 
	FOREIGN KEY(data_space) REFERENCES data_spaces (id)
);
CREATE INDEX ix_api_keys_key_hash ON api_keys (key_hash);
CREATE INDEX requests_by_data_space ON requests (data_space, id);
CREATE INDEX requests_by_feed ON requests (data_space, feed, id);
CREATE INDEX requests_by_request_id ON requests (data_space, request_id);
CREATE INDEX ix_faults_data_space ON faults (data_space);
CREATE INDEX ix_resyncs_data_space ON resyncs (data_space);
CREATE INDEX fault_events_by_key ON fault_events ("key", feed, data_space);
CREATE INDEX ix_fault_events_data_space ON fault_events (data_space);
CREATE INDEX sync_runs_by_data_space ON sync_runs (data_space, id);
CREATE INDEX ix_ims_clients_data_space ON ims_clients (data_space);
CREATE INDEX cascaded_by_root ON cascaded (data_space, root_feed, root);
CREATE INDEX ix_items_request ON items (request);
CREATE INDEX item_versions_by_key ON item_versions ("key");
CREATE INDEX rejections_by_key ON rejections ("key", feed, data_space);
CREATE INDEX rejections_by_data_space ON rejections (data_space, request, item_index);
CREATE INDEX ix_delayed_writes_data_space ON delayed_writes (data_space);
CREATE INDEX ix_delayed_writes_request ON delayed_writes (request);
CREATE INDEX catalog_products_by_type ON catalog_products (scope, type, id);
CREATE INDEX catalog_products_by_product_id ON catalog_products (scope, product_id, id);
CREATE INDEX catalog_products_by_name ON catalog_products (scope, name, id);
CREATE INDEX catalog_products_by_modified_at ON catalog_products (scope, modified_at, id);
CREATE INDEX catalog_products_by_exported_at ON catalog_products (scope, exported_at, id);
CREATE INDEX catalog_products_by_sku ON catalog_products (scope, sku, id);
CREATE INDEX catalog_products_by_price ON catalog_products (scope, price, id);
CREATE INDEX catalog_products_by_visibility ON catalog_products (scope, visibility, id);
CREATE INDEX ix_ims_tokens_client_id ON ims_tokens (client_id);
PRAGMA writable_schema=OFF;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('requests',3);
INSERT INTO "sqlite_sequence" VALUES('faults',1);
COMMIT;
