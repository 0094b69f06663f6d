CREATE TABLE public.altered_texts (
    request bigint NOT NULL,
    item_index bigint NOT NULL,
    text text NOT NULL
);

CREATE TABLE public.api_keys (
    id bigint NOT NULL,
    key_hash character varying(64) NOT NULL,
    data_space character varying(36) NOT NULL,
    public_key text NOT NULL,
    created_at text NOT NULL,
    shown text,
    retired_at text,
    last_used_at text
);

CREATE SEQUENCE public.api_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.api_keys_id_seq OWNED BY public.api_keys.id;

CREATE TABLE public.buckets (
    data_space character varying(36) NOT NULL,
    tokens double precision NOT NULL,
    at text NOT NULL
);

CREATE TABLE public.cascaded (
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    root_feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    root character varying(64) NOT NULL COLLATE pg_catalog."C",
    deleted_at text NOT NULL
);

CREATE TABLE public.catalog_prices (
    data_space character varying(36) NOT NULL,
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    price double precision NOT NULL
);

CREATE TABLE public.catalog_products (
    id bigint NOT NULL,
    scope bigint NOT NULL,
    sku text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    product_id bigint NOT NULL,
    price double precision NOT NULL,
    own_price double precision NOT NULL,
    currency text NOT NULL,
    website text NOT NULL,
    visibility text NOT NULL COLLATE pg_catalog."C",
    modified_at text NOT NULL COLLATE pg_catalog."C",
    exported_at text NOT NULL COLLATE pg_catalog."C"
);

CREATE SEQUENCE public.catalog_products_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.catalog_products_id_seq OWNED BY public.catalog_products.id;

CREATE TABLE public.catalog_progress (
    data_space character varying(36) NOT NULL,
    up_to bigint NOT NULL
);

CREATE TABLE public.catalog_scopes (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    store_view text NOT NULL,
    products bigint NOT NULL
);

CREATE SEQUENCE public.catalog_scopes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.catalog_scopes_id_seq OWNED BY public.catalog_scopes.id;

CREATE TABLE public.catalog_words (
    id bigint NOT NULL,
    words tsvector NOT NULL
);

CREATE TABLE public.comparisons (
    home character varying(64) NOT NULL,
    data_space character varying(36) NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    sent text NOT NULL,
    started_at text NOT NULL,
    finished_at text,
    error text NOT NULL,
    to_stop boolean NOT NULL
);

CREATE TABLE public.data_spaces (
    id character varying(36) NOT NULL,
    name text NOT NULL,
    settings text NOT NULL,
    created_at text NOT NULL,
    keys_retired bigint DEFAULT '0'::bigint NOT NULL
);

CREATE TABLE public.delayed_writes (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    event bigint NOT NULL,
    due_at text,
    requests_left bigint,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    identity text,
    hash character varying(40) NOT NULL,
    deleted boolean NOT NULL,
    modified_at text,
    request bigint NOT NULL,
    item_index bigint NOT NULL
);

CREATE SEQUENCE public.delayed_writes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.delayed_writes_id_seq OWNED BY public.delayed_writes.id;

CREATE TABLE public.digest_marks (
    data_space character varying(36) NOT NULL,
    request bigint NOT NULL
);

CREATE TABLE public.fault_events (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    fault bigint NOT NULL,
    action text NOT NULL,
    feed text NOT NULL,
    key text,
    identity text,
    request_id text NOT NULL,
    item_index bigint,
    items bigint NOT NULL,
    recorded boolean NOT NULL,
    change text,
    due text,
    recorded_at text,
    at text NOT NULL
);

CREATE SEQUENCE public.fault_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.fault_events_id_seq OWNED BY public.fault_events.id;

CREATE TABLE public.fault_passes (
    fault bigint NOT NULL,
    key character varying(64) NOT NULL,
    passes bigint NOT NULL
);

CREATE TABLE public.faults (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    definition text NOT NULL,
    enabled boolean NOT NULL,
    seen bigint NOT NULL,
    applied bigint NOT NULL
);

CREATE SEQUENCE public.faults_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.faults_id_seq OWNED BY public.faults.id;

CREATE TABLE public.feed_reports (
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    reported_at text NOT NULL,
    source_records bigint NOT NULL,
    sent bigint NOT NULL,
    failed bigint NOT NULL,
    waiting bigint NOT NULL,
    indexer text NOT NULL,
    items text NOT NULL
);

CREATE TABLE public.ims_clients (
    client_id character varying(64) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    data_space character varying(36) NOT NULL,
    scopes text NOT NULL,
    created_at text NOT NULL
);

CREATE TABLE public.ims_tokens (
    token_hash character varying(64) NOT NULL,
    client_id character varying(64) NOT NULL,
    scopes text NOT NULL,
    expires_at text NOT NULL,
    revoked boolean NOT NULL
);

CREATE TABLE public.inbox (
    data_space character varying(36) NOT NULL,
    request bigint NOT NULL,
    feed text NOT NULL,
    at text NOT NULL,
    items bigint NOT NULL,
    operation text,
    writes bytea NOT NULL
);
ALTER TABLE ONLY public.inbox ALTER COLUMN writes SET STORAGE EXTERNAL;

CREATE TABLE public.item_digests (
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    bucket character varying(64) NOT NULL COLLATE pg_catalog."C",
    alive bigint NOT NULL,
    total bigint NOT NULL,
    unsettled bigint NOT NULL,
    resent bigint NOT NULL
);

CREATE TABLE public.item_names (
    data_space character varying(36) NOT NULL,
    name character varying(200) NOT NULL COLLATE pg_catalog."C",
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key character varying(64) NOT NULL COLLATE pg_catalog."C"
);

CREATE TABLE public.item_versions (
    written bigint NOT NULL,
    place bigint NOT NULL,
    request bigint NOT NULL,
    item_index bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    hash character varying(40) NOT NULL,
    deleted boolean NOT NULL,
    written_at text
);

CREATE TABLE public.items (
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key character varying(64) NOT NULL COLLATE pg_catalog."C",
    identity text,
    hash character varying(40) NOT NULL,
    deleted boolean NOT NULL,
    modified_at text,
    received_at text NOT NULL,
    request bigint NOT NULL,
    item_index bigint NOT NULL,
    versions bigint NOT NULL,
    repeats bigint NOT NULL,
    resends bigint NOT NULL,
    digested text
);

CREATE TABLE public.page_sessions (
    secret_hash character varying(64) NOT NULL,
    server character varying(64) NOT NULL,
    ends_at text NOT NULL
);

CREATE TABLE public.payloads (
    request bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY public.payloads ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE public.rejections (
    request bigint NOT NULL,
    item_index bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    feed character varying(64) NOT NULL COLLATE pg_catalog."C",
    key text,
    identity text,
    errors text NOT NULL
);

CREATE TABLE public.requests (
    id bigint NOT NULL,
    request_id text NOT NULL,
    received_at text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    headers text NOT NULL,
    status bigint NOT NULL,
    data_space character varying(36),
    feed text,
    items bigint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    body_bytes bigint NOT NULL,
    decoded_bytes bigint NOT NULL,
    duration_ms double precision NOT NULL,
    code text,
    message text,
    answered boolean NOT NULL,
    fault text,
    signature text
);

CREATE SEQUENCE public.requests_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.requests_id_seq OWNED BY public.requests.id;

CREATE TABLE public.resyncs (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    feeds text NOT NULL,
    state text NOT NULL,
    requested_at text NOT NULL,
    updated_at text NOT NULL,
    at_once boolean NOT NULL,
    ids text
);

CREATE SEQUENCE public.resyncs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.resyncs_id_seq OWNED BY public.resyncs.id;

CREATE TABLE public.schema_version (
    version bigint NOT NULL
);

CREATE TABLE public.sync_runs (
    id bigint NOT NULL,
    data_space character varying(36) NOT NULL,
    feed text NOT NULL,
    operation text NOT NULL,
    state text NOT NULL,
    started_at text NOT NULL,
    updated_at text NOT NULL,
    finished_at text,
    sources bigint NOT NULL,
    sources_done bigint NOT NULL,
    submitted bigint NOT NULL,
    failed bigint NOT NULL,
    reason text
);

CREATE SEQUENCE public.sync_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.sync_runs_id_seq OWNED BY public.sync_runs.id;

CREATE TABLE public.sync_schedules (
    data_space character varying(36) NOT NULL,
    every_s bigint NOT NULL,
    next_at text NOT NULL,
    reported_at text NOT NULL
);

ALTER TABLE ONLY public.api_keys ALTER COLUMN id SET DEFAULT nextval('public.api_keys_id_seq'::regclass);

ALTER TABLE ONLY public.catalog_products ALTER COLUMN id SET DEFAULT nextval('public.catalog_products_id_seq'::regclass);

ALTER TABLE ONLY public.catalog_scopes ALTER COLUMN id SET DEFAULT nextval('public.catalog_scopes_id_seq'::regclass);

ALTER TABLE ONLY public.delayed_writes ALTER COLUMN id SET DEFAULT nextval('public.delayed_writes_id_seq'::regclass);

ALTER TABLE ONLY public.fault_events ALTER COLUMN id SET DEFAULT nextval('public.fault_events_id_seq'::regclass);

ALTER TABLE ONLY public.faults ALTER COLUMN id SET DEFAULT nextval('public.faults_id_seq'::regclass);

ALTER TABLE ONLY public.requests ALTER COLUMN id SET DEFAULT nextval('public.requests_id_seq'::regclass);

ALTER TABLE ONLY public.resyncs ALTER COLUMN id SET DEFAULT nextval('public.resyncs_id_seq'::regclass);

ALTER TABLE ONLY public.sync_runs ALTER COLUMN id SET DEFAULT nextval('public.sync_runs_id_seq'::regclass);

INSERT INTO public.api_keys VALUES (1, 'f84e10433dd3b690eac398fb4ed7ec22731e4ccce3c8d403f7a4736968e8d9d6', '3f1c0000-0000-4000-8000-000000000000', '-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArYcsYJvS2HI651gJBGXN
t97hB4gvty52b8wiiPkVLsRIjsKUcwXA2WpeuJFSBa3DPqMhvK5OSePH0LmfaQ+A
ggkJatsdNEmRuNHe39lhVYTZT+GPJ/OUvonIyxFD7Qv5mLVy6QqFvjSVe2k4UpiC
vpkMpnXvguW4UxCn2JCQPlTwkktLtEvNkOQORys98Y3FpcTO+yseX9cyKZMDIKka
645XUC2hda+ZKSFhzIC1gwTWGf7JIw4ocACYyAuUw1R5cebnqBEQVpLDpE95lGRP
1LO6PHALRdKBdwnsx0wmTSwcBjLrPb400bap/SoRcKI8Q2stXJONg+ldy7O/FEIh
MQIDAQAB
', '2026-11-26T17:41:21.724468+00:00', '7e23…', NULL, '2026-11-26T17:41:21.991509+00:00');

INSERT INTO public.data_spaces VALUES ('3f1c0000-0000-4000-8000-000000000000', 'shop', '{"mode":"lenient","partial_failure":400,"keep_valid_items":true,"error_shape":"field","items_limit":null,"requests_per_minute":null,"catalog_requests_per_minute":300,"routes":null,"visibility_lag_s":null}', '2026-11-26T17:41:21.400452+00:00', 0);

INSERT INTO public.faults VALUES (1, '3f1c0000-0000-4000-8000-000000000000', '{"action":"lose","parameters":{},"note":"","feed":null,"nth":null,"every":1,"probability":null,"seed":0,"identity":null,"where":null,"indexes":null,"attempt":null,"from":null,"until":null,"count":1}', true, 0, 0);

INSERT INTO public.inbox VALUES ('3f1c0000-0000-4000-8000-000000000000', 2, 'products', '2026-11-26T17:41:22.178246+00:00', 1, 'send', '\x5b5b322c302c2237616366393862396535383835343131626633386336396537616364356436613130636565353264222c7b22736b75223a2241222c2273746f726556696577436f6465223a2264656661756c74227d2c2266326161316262306231363466653132643762653337616339383136303666313835343465313435222c66616c73652c6e756c6c5d5d');

INSERT INTO public.item_names VALUES ('3f1c0000-0000-4000-8000-000000000000', 'A', 'products', '7acf98b9e5885411bf38c69e7acd5d6a10cee52d');
INSERT INTO public.item_names VALUES ('3f1c0000-0000-4000-8000-000000000000', 'A', 'prices', 'e8c314a6db669c06deb35f41b135af51ee2e85a4');

INSERT INTO public.item_versions VALUES (1, 0, 1, 0, '3f1c0000-0000-4000-8000-000000000000', 'products', '7acf98b9e5885411bf38c69e7acd5d6a10cee52d', '1aa65576c3a2e72bc6760d307895b07e27b6e0e4', false, NULL);

INSERT INTO public.items VALUES ('3f1c0000-0000-4000-8000-000000000000', 'products', '7acf98b9e5885411bf38c69e7acd5d6a10cee52d', '{"sku":"A","storeViewCode":"default"}', '1aa65576c3a2e72bc6760d307895b07e27b6e0e4', false, NULL, '2026-11-26T17:41:21.971022+00:00', 1, 0, 1, 0, 0, NULL);

INSERT INTO public.payloads VALUES (1, '\x78018bae562ace2e55b252507254d251502a2ec92f4a0dcb4c2d77ce4f490589a6a4a62596e69480e4525273524b525380a2698939c5a9b5b100377c1349');
INSERT INTO public.payloads VALUES (2, '\x78018bae562ace2e55b252507254d251502a2ec92f4a0dcb4c2d77ce4f490589a6a4a62596e69480e4525273524b525380a2698939c5a94091bcc45cb0a2bcd472a5da580073751762');
INSERT INTO public.payloads VALUES (3, '\x78018bae562ace2e55b252507254d251504a2e2d2ec9cf4d2d722fca2f2d70ce4f4905c9188064ca53938a334b5261624989c5a920e1a2d4f4d29cc42290b2dcc4bc4aa5da58001ba1198b');

INSERT INTO public.rejections VALUES (3, 0, '3f1c0000-0000-4000-8000-000000000000', 'prices', 'e8c314a6db669c06deb35f41b135af51ee2e85a4', '{"sku":"A","customerGroupCode":"0","websiteCode":"base"}', '[{"pointer":"/regular","code":"invalid_type","message":"/regular is not a number, got \"many\"."},{"pointer":"/deleted","code":"missing_required_field","message":"/deleted is missing, expected true or false."}]');

INSERT INTO public.requests VALUES (1, '0b355b5bedeb4fda', '2026-11-26T17:41:21.971022+00:00', 'POST', 'feeds/catalog/v2/products', '{"Host":"127.0.0.1:41871","Accept-Encoding":"identity","Content-Length":"60","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"7e23…","X-Gw-Signature":"eyJh…"}', 200, '3f1c0000-0000-4000-8000-000000000000', 'products', 1, 1, 0, 60, 60, 102.142, NULL, NULL, true, NULL, '{"verified":true,"algorithm":"RS256","claims":{"exp":1795715181}}');
INSERT INTO public.requests VALUES (2, '6b55c5535a1b4a9f', '2026-11-26T17:41:22.178246+00:00', 'POST', 'feeds/catalog/v2/products', '{"Host":"127.0.0.1:41871","Accept-Encoding":"identity","Content-Length":"75","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"7e23…","X-Gw-Signature":"eyJh…"}', 200, '3f1c0000-0000-4000-8000-000000000000', 'products', 1, 1, 0, 75, 75, 5.379, NULL, NULL, true, NULL, '{"verified":true,"algorithm":"RS256","claims":{"exp":1795715182}}');
INSERT INTO public.requests VALUES (3, '7c2e59e411c84f8f', '2026-11-26T17:41:22.194729+00:00', 'POST', 'feeds/products/v1/prices', '{"Host":"127.0.0.1:41871","Accept-Encoding":"identity","Content-Length":"82","User-Agent":"python-urllib3/2.8.0","Content-Type":"application/json","X-Api-Key":"7e23…","X-Gw-Signature":"eyJh…"}', 400, '3f1c0000-0000-4000-8000-000000000000', 'prices', 1, 0, 1, 82, 82, 19.642, NULL, NULL, true, NULL, '{"verified":true,"algorithm":"RS256","claims":{"exp":1795715182}}');

INSERT INTO public.schema_version VALUES (7);

SELECT pg_catalog.setval('public.api_keys_id_seq', 1, true);

SELECT pg_catalog.setval('public.catalog_products_id_seq', 1, false);

SELECT pg_catalog.setval('public.catalog_scopes_id_seq', 1, false);

SELECT pg_catalog.setval('public.delayed_writes_id_seq', 1, false);

SELECT pg_catalog.setval('public.fault_events_id_seq', 1, false);

SELECT pg_catalog.setval('public.faults_id_seq', 1, true);

SELECT pg_catalog.setval('public.requests_id_seq', 3, true);

SELECT pg_catalog.setval('public.resyncs_id_seq', 1, false);

SELECT pg_catalog.setval('public.sync_runs_id_seq', 1, false);

ALTER TABLE ONLY public.altered_texts
    ADD CONSTRAINT altered_texts_pkey PRIMARY KEY (request, item_index);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.buckets
    ADD CONSTRAINT buckets_pkey PRIMARY KEY (data_space);

ALTER TABLE ONLY public.cascaded
    ADD CONSTRAINT cascaded_pkey PRIMARY KEY (data_space, feed, key);

ALTER TABLE ONLY public.catalog_prices
    ADD CONSTRAINT catalog_prices_pkey PRIMARY KEY (data_space, key);

ALTER TABLE ONLY public.catalog_products
    ADD CONSTRAINT catalog_products_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_progress
    ADD CONSTRAINT catalog_progress_pkey PRIMARY KEY (data_space);

ALTER TABLE ONLY public.catalog_scopes
    ADD CONSTRAINT catalog_scopes_data_space_store_view_key UNIQUE (data_space, store_view);

ALTER TABLE ONLY public.catalog_scopes
    ADD CONSTRAINT catalog_scopes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.catalog_words
    ADD CONSTRAINT catalog_words_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.comparisons
    ADD CONSTRAINT comparisons_pkey PRIMARY KEY (home, data_space, number);

ALTER TABLE ONLY public.data_spaces
    ADD CONSTRAINT data_spaces_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.delayed_writes
    ADD CONSTRAINT delayed_writes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.digest_marks
    ADD CONSTRAINT digest_marks_pkey PRIMARY KEY (data_space);

ALTER TABLE ONLY public.fault_events
    ADD CONSTRAINT fault_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.fault_passes
    ADD CONSTRAINT fault_passes_pkey PRIMARY KEY (fault, key);

ALTER TABLE ONLY public.faults
    ADD CONSTRAINT faults_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.feed_reports
    ADD CONSTRAINT feed_reports_pkey PRIMARY KEY (data_space, feed);

ALTER TABLE ONLY public.ims_clients
    ADD CONSTRAINT ims_clients_pkey PRIMARY KEY (client_id);

ALTER TABLE ONLY public.ims_tokens
    ADD CONSTRAINT ims_tokens_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (data_space, request);

ALTER TABLE ONLY public.item_digests
    ADD CONSTRAINT item_digests_pkey PRIMARY KEY (data_space, feed, bucket);

ALTER TABLE ONLY public.item_names
    ADD CONSTRAINT item_names_pkey PRIMARY KEY (data_space, name, feed, key);

ALTER TABLE ONLY public.item_versions
    ADD CONSTRAINT item_versions_pkey PRIMARY KEY (written, place);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (data_space, feed, key);

ALTER TABLE ONLY public.page_sessions
    ADD CONSTRAINT page_sessions_pkey PRIMARY KEY (secret_hash);

ALTER TABLE ONLY public.payloads
    ADD CONSTRAINT payloads_pkey PRIMARY KEY (request);

ALTER TABLE ONLY public.rejections
    ADD CONSTRAINT rejections_pkey PRIMARY KEY (request, item_index);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.resyncs
    ADD CONSTRAINT resyncs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.sync_runs
    ADD CONSTRAINT sync_runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_schedules
    ADD CONSTRAINT sync_schedules_pkey PRIMARY KEY (data_space);

CREATE INDEX cascaded_by_root ON public.cascaded USING btree (data_space, root_feed, root);

CREATE INDEX catalog_products_by_exported_at ON public.catalog_products USING btree (scope, exported_at, id);

CREATE INDEX catalog_products_by_modified_at ON public.catalog_products USING btree (scope, modified_at, id);

CREATE INDEX catalog_products_by_name ON public.catalog_products USING btree (scope, name, id);

CREATE INDEX catalog_products_by_price ON public.catalog_products USING btree (scope, price, id);

CREATE INDEX catalog_products_by_product_id ON public.catalog_products USING btree (scope, product_id, id);

CREATE INDEX catalog_products_by_sku ON public.catalog_products USING btree (scope, sku, id);

CREATE INDEX catalog_products_by_type ON public.catalog_products USING btree (scope, type, id);

CREATE INDEX catalog_products_by_visibility ON public.catalog_products USING btree (scope, visibility, id);

CREATE INDEX catalog_words_by_word ON public.catalog_words USING gin (words);

CREATE INDEX fault_events_by_key ON public.fault_events USING btree (key, feed, data_space);

CREATE INDEX item_versions_by_key ON public.item_versions USING btree (key);

CREATE INDEX ix_api_keys_key_hash ON public.api_keys USING btree (key_hash);

CREATE INDEX ix_delayed_writes_data_space ON public.delayed_writes USING btree (data_space);

CREATE INDEX ix_delayed_writes_request ON public.delayed_writes USING btree (request);

CREATE INDEX ix_fault_events_data_space ON public.fault_events USING btree (data_space);

CREATE INDEX ix_faults_data_space ON public.faults USING btree (data_space);

CREATE INDEX ix_ims_clients_data_space ON public.ims_clients USING btree (data_space);

CREATE INDEX ix_ims_tokens_client_id ON public.ims_tokens USING btree (client_id);

CREATE INDEX ix_items_request ON public.items USING btree (request);

CREATE INDEX ix_resyncs_data_space ON public.resyncs USING btree (data_space);

CREATE INDEX rejections_by_data_space ON public.rejections USING btree (data_space, request, item_index);

CREATE INDEX rejections_by_key ON public.rejections USING btree (key, feed, data_space);

CREATE INDEX requests_by_data_space ON public.requests USING btree (data_space, id);

CREATE INDEX requests_by_feed ON public.requests USING btree (data_space, feed, id);

CREATE INDEX requests_by_request_id ON public.requests USING btree (data_space, request_id);

CREATE INDEX sync_runs_by_data_space ON public.sync_runs USING btree (data_space, id);

ALTER TABLE ONLY public.altered_texts
    ADD CONSTRAINT altered_texts_request_fkey FOREIGN KEY (request) REFERENCES public.requests(id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.buckets
    ADD CONSTRAINT buckets_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.cascaded
    ADD CONSTRAINT cascaded_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.catalog_prices
    ADD CONSTRAINT catalog_prices_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.catalog_products
    ADD CONSTRAINT catalog_products_scope_fkey FOREIGN KEY (scope) REFERENCES public.catalog_scopes(id);

ALTER TABLE ONLY public.catalog_progress
    ADD CONSTRAINT catalog_progress_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.catalog_scopes
    ADD CONSTRAINT catalog_scopes_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.comparisons
    ADD CONSTRAINT comparisons_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.delayed_writes
    ADD CONSTRAINT delayed_writes_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.delayed_writes
    ADD CONSTRAINT delayed_writes_event_fkey FOREIGN KEY (event) REFERENCES public.fault_events(id);

ALTER TABLE ONLY public.delayed_writes
    ADD CONSTRAINT delayed_writes_request_fkey FOREIGN KEY (request) REFERENCES public.requests(id);

ALTER TABLE ONLY public.digest_marks
    ADD CONSTRAINT digest_marks_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.fault_events
    ADD CONSTRAINT fault_events_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.fault_passes
    ADD CONSTRAINT fault_passes_fault_fkey FOREIGN KEY (fault) REFERENCES public.faults(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.faults
    ADD CONSTRAINT faults_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.feed_reports
    ADD CONSTRAINT feed_reports_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.ims_clients
    ADD CONSTRAINT ims_clients_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.ims_tokens
    ADD CONSTRAINT ims_tokens_client_id_fkey FOREIGN KEY (client_id) REFERENCES public.ims_clients(client_id);

ALTER TABLE ONLY public.item_digests
    ADD CONSTRAINT item_digests_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.item_names
    ADD CONSTRAINT item_names_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.item_versions
    ADD CONSTRAINT item_versions_written_fkey FOREIGN KEY (written) REFERENCES public.requests(id);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.items
    ADD CONSTRAINT items_request_fkey FOREIGN KEY (request) REFERENCES public.requests(id);

ALTER TABLE ONLY public.payloads
    ADD CONSTRAINT payloads_request_fkey FOREIGN KEY (request) REFERENCES public.requests(id);

ALTER TABLE ONLY public.rejections
    ADD CONSTRAINT rejections_request_fkey FOREIGN KEY (request) REFERENCES public.requests(id);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.resyncs
    ADD CONSTRAINT resyncs_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.sync_runs
    ADD CONSTRAINT sync_runs_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

ALTER TABLE ONLY public.sync_schedules
    ADD CONSTRAINT sync_schedules_data_space_fkey FOREIGN KEY (data_space) REFERENCES public.data_spaces(id);

