CREATE TABLE account (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	password_hash TEXT, 
	scope TEXT NOT NULL, 
	sites TEXT, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name_key)
);
CREATE TABLE actuator (
	id TEXT NOT NULL, 
	site TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	address TEXT NOT NULL, 
	settings BLOB NOT NULL, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE alarm_code (
	id TEXT NOT NULL, 
	site TEXT NOT NULL, 
	name TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	duress BOOLEAN NOT NULL, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE alarm_note (
	id INTEGER NOT NULL, 
	site TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	who TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE alarm_panel (
	site TEXT NOT NULL, 
	settings TEXT NOT NULL, 
	state TEXT NOT NULL, 
	salt BLOB NOT NULL, 
	PRIMARY KEY (site), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE camera (
	id TEXT NOT NULL, 
	site TEXT NOT NULL, 
	name TEXT NOT NULL, 
	main_url TEXT NOT NULL, 
	main_secret BLOB, 
	sub_url TEXT, 
	sub_secret BLOB, 
	mode TEXT NOT NULL, 
	record TEXT NOT NULL, 
	record_audio BOOLEAN NOT NULL, 
	transport TEXT NOT NULL, 
	allow_local BOOLEAN NOT NULL, 
	pre_roll_s FLOAT NOT NULL, 
	post_roll_s FLOAT NOT NULL, 
	gap_limit_s FLOAT NOT NULL, 
	motion TEXT NOT NULL, keep_days FLOAT DEFAULT '14' NOT NULL, keep_event_days FLOAT DEFAULT '60' NOT NULL, most_gb FLOAT DEFAULT '0' NOT NULL, device_url TEXT, device_secret BLOB, certificates TEXT DEFAULT '[]' NOT NULL, record_as TEXT DEFAULT 'sent' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE channel (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	site TEXT, 
	kinds TEXT NOT NULL, 
	address TEXT NOT NULL, 
	allow_local BOOLEAN NOT NULL, 
	settings BLOB NOT NULL, 
	created INTEGER NOT NULL, enabled BOOLEAN DEFAULT '1' NOT NULL, hears_from INTEGER DEFAULT '0' NOT NULL, account TEXT REFERENCES account (id) ON DELETE CASCADE, wishes TEXT DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE claim (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	key_hash BLOB, 
	body TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	until TEXT, 
	source TEXT NOT NULL, 
	contact BLOB, 
	bank BLOB, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
CREATE TABLE claim_fact (
	number INTEGER NOT NULL, 
	claim TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	item TEXT NOT NULL, 
	on_day TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	minor INTEGER, 
	currency TEXT, 
	note TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(claim) REFERENCES claim (id)
);
CREATE TABLE claim_file (
	number INTEGER NOT NULL, 
	claim TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	item TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	name TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	"by" TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(claim) REFERENCES claim (id)
);
CREATE TABLE claim_serial (
	serial TEXT NOT NULL, 
	claim TEXT NOT NULL, 
	PRIMARY KEY (serial), 
	FOREIGN KEY(claim) REFERENCES claim (id)
);
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	message TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	result TEXT NOT NULL, 
	status INTEGER, 
	duration_ms INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	what TEXT NOT NULL, code TEXT DEFAULT '' NOT NULL, details TEXT DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(channel) REFERENCES channel (id) ON DELETE CASCADE
);
CREATE TABLE known_address (
	account TEXT NOT NULL, 
	address TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (account, address), 
	FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE
);
CREATE TABLE ledger_entry (
	number INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subscription TEXT NOT NULL, 
	about TEXT NOT NULL, 
	minor INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	on_day TEXT NOT NULL, 
	start TEXT NOT NULL, 
	"end" TEXT NOT NULL, 
	words_de TEXT NOT NULL, 
	words_en TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE ("key")
);
CREATE TABLE link (
	hash BLOB NOT NULL, 
	kind TEXT NOT NULL, 
	account TEXT, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE
);
CREATE TABLE log_in_try (
	"key" BLOB NOT NULL, 
	failures INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE outage (
	camera TEXT NOT NULL, 
	site TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	told INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	what TEXT NOT NULL, 
	PRIMARY KEY (camera)
);
CREATE TABLE outbox (
	site TEXT NOT NULL, 
	event TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	next_try INTEGER NOT NULL, 
	last_error TEXT NOT NULL, number INTEGER DEFAULT '0' NOT NULL, message TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (site, event, rule, channel)
);
CREATE TABLE outbox_mark (
	name TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE "plan" (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	interval TEXT NOT NULL, 
	prices TEXT NOT NULL, 
	hosted_days INTEGER NOT NULL, 
	cameras INTEGER NOT NULL, 
	channels INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id)
);
CREATE TABLE presence (
	site TEXT NOT NULL, 
	person TEXT NOT NULL, 
	home BOOLEAN NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (site, person), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE removed_camera (
	id TEXT NOT NULL, 
	site TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE rule (
	id TEXT NOT NULL, 
	site TEXT NOT NULL, 
	name TEXT NOT NULL, 
	definition TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	created INTEGER NOT NULL, 
	hears_from INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE rule_held (
	actuator TEXT NOT NULL, 
	rule TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (actuator, rule, place)
);
CREATE TABLE rule_note (
	id INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	why TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	times INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE rule_order (
	number INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	lane TEXT NOT NULL, 
	body TEXT NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	made INTEGER NOT NULL, 
	next_try INTEGER NOT NULL, 
	last_error TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (rule, cause, place)
);
CREATE TABLE seen (
	principal TEXT NOT NULL, 
	site TEXT NOT NULL, 
	start INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	PRIMARY KEY (principal, site)
);
CREATE TABLE sensor (
	site TEXT NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (site, name), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE session (
	hash BLOB NOT NULL, 
	account TEXT NOT NULL, 
	created INTEGER NOT NULL, 
	last_used INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	agent TEXT NOT NULL, 
	PRIMARY KEY (hash), 
	FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE
);
CREATE TABLE setting (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE site (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE site_facts (
	site TEXT NOT NULL, 
	latitude FLOAT, 
	longitude FLOAT, 
	armed TEXT NOT NULL, 
	armed_at INTEGER NOT NULL, 
	PRIMARY KEY (site), 
	FOREIGN KEY(site) REFERENCES site (id)
);
CREATE TABLE snooze (
	channel TEXT NOT NULL, 
	camera TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	until INTEGER NOT NULL, 
	PRIMARY KEY (channel, camera)
);
CREATE TABLE subscription (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	subscriber TEXT NOT NULL, 
	residence TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	time_zone TEXT NOT NULL, 
	starts_on TEXT NOT NULL, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY("plan") REFERENCES "plan" (id)
);
CREATE TABLE subscription_change (
	number INTEGER NOT NULL, 
	subscription TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	on_day TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	FOREIGN KEY(subscription) REFERENCES subscription (id)
);
CREATE TABLE sunset_notice (
	number INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	signature BLOB NOT NULL, 
	"key" BLOB NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (version)
);
CREATE TABLE sunset_step (
	number INTEGER NOT NULL, 
	step TEXT NOT NULL, 
	on_day TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (step)
);
CREATE TABLE token (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	scope TEXT NOT NULL, 
	sites TEXT, 
	rtsp_secret BLOB, 
	created INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (name_key), 
	UNIQUE (hash)
);
CREATE INDEX alarm_code_by_site ON alarm_code (site);
CREATE INDEX alarm_note_by_site ON alarm_note (site, id);
CREATE INDEX camera_by_site ON camera (site);
CREATE INDEX claim_by_stage ON claim (stage, number);
CREATE INDEX claim_fact_by_claim ON claim_fact (claim, number);
CREATE INDEX claim_file_by_claim ON claim_file (claim, number);
CREATE INDEX delivery_by_channel ON delivery (channel, id);
CREATE INDEX ledger_entry_by_subscription ON ledger_entry (subscription, kind);
CREATE INDEX log_in_try_by_last ON log_in_try (last);
CREATE INDEX outbox_by_channel ON outbox (channel, state, number);
CREATE INDEX outbox_by_number ON outbox (number);
CREATE INDEX outbox_due ON outbox (state, next_try);
CREATE INDEX rule_note_by_rule ON rule_note (rule, id);
CREATE INDEX rule_order_by_state ON rule_order (state, lane, number);
CREATE INDEX session_by_account ON session (account);
