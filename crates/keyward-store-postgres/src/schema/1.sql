-- Keys: the record as JSON, and what it is looked for by.
CREATE TABLE IF NOT EXISTS keyward_keys (
    id bytea PRIMARY KEY,
    account bytea NOT NULL,
    status text NOT NULL,
    revision bigint NOT NULL,
    record text NOT NULL
);
CREATE INDEX IF NOT EXISTS keyward_keys_by_account ON keyward_keys (account, id);
CREATE INDEX IF NOT EXISTS keyward_keys_by_status ON keyward_keys (status, id);

-- What leads to a key; a digest to one only.
CREATE TABLE IF NOT EXISTS keyward_secrets (digest text PRIMARY KEY, key_id bytea NOT NULL);
CREATE TABLE IF NOT EXISTS keyward_links (digest text PRIMARY KEY, key_id bytea NOT NULL);
CREATE TABLE IF NOT EXISTS keyward_wallets (
    address text NOT NULL,
    key_id bytea NOT NULL,
    PRIMARY KEY (address, key_id)
);

-- Books. Amounts in millisatoshi, instants in milliseconds since 1970; ids that operations choose are unique below a tag.
CREATE TABLE IF NOT EXISTS keyward_accounts (
    id bytea PRIMARY KEY,
    parent bytea,
    root bytea NOT NULL,
    depth bigint NOT NULL,
    balance bigint NOT NULL,
    reserved bigint NOT NULL,
    withheld bigint NOT NULL,
    spend_limit bigint,
    spent bigint NOT NULL,
    deposited bigint NOT NULL,
    refunded bigint NOT NULL,
    entries bigint NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS keyward_operations (
    tag bytea NOT NULL,
    id bytea NOT NULL,
    account bytea NOT NULL,
    fingerprint bytea NOT NULL,
    outcome text NOT NULL,
    done_at bigint NOT NULL,
    PRIMARY KEY (tag, id)
);
CREATE TABLE IF NOT EXISTS keyward_reservations (
    tag bytea NOT NULL,
    id bytea NOT NULL,
    account bytea NOT NULL,
    amount bigint NOT NULL,
    made_at bigint NOT NULL,
    deadline bigint NOT NULL,
    state text NOT NULL,
    charged bigint NOT NULL,
    ended_at bigint,
    -- The deadline while it is open.
    due_at bigint,
    PRIMARY KEY (tag, id)
);
CREATE INDEX IF NOT EXISTS keyward_reservations_by_due ON keyward_reservations (due_at, tag, id);
CREATE TABLE IF NOT EXISTS keyward_refunds (
    tag bytea NOT NULL,
    id bytea NOT NULL,
    account bytea NOT NULL,
    amount bigint NOT NULL,
    begun_at bigint NOT NULL,
    state text NOT NULL,
    ended_at bigint,
    PRIMARY KEY (tag, id)
);
CREATE TABLE IF NOT EXISTS keyward_entries (
    root bytea NOT NULL,
    number bigint NOT NULL,
    account bytea NOT NULL,
    operation bytea NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    description text NOT NULL,
    entered_at bigint NOT NULL,
    PRIMARY KEY (root, number)
);
-- The journals of accounts below a root: the entry at each position.
CREATE TABLE IF NOT EXISTS keyward_journals (
    account bytea NOT NULL,
    position bigint NOT NULL,
    root bytea NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (account, position)
);

-- Counters: the window, and the leases as 16 bytes of id and 8 bytes of expiry each.
CREATE TABLE IF NOT EXISTS keyward_counters (
    key_id bytea NOT NULL,
    name text NOT NULL,
    window_start bigint,
    used bigint NOT NULL,
    leases bytea NOT NULL,
    PRIMARY KEY (key_id, name)
);

-- The audit log: the record as JSON.
CREATE TABLE IF NOT EXISTS keyward_activities (
    id bytea PRIMARY KEY,
    key_id bytea NOT NULL,
    done_at bigint NOT NULL,
    record text NOT NULL
);
CREATE INDEX IF NOT EXISTS keyward_activities_by_key ON keyward_activities (key_id, done_at DESC, id);
CREATE INDEX IF NOT EXISTS keyward_activities_by_time ON keyward_activities (done_at, id);
