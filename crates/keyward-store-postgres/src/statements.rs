//! All statements that a store runs. They keep to what distributed engines that speak PostgreSQL's protocol understand.

/// They are prepared when a connection is made.
pub(crate) const ALL: [&str; 41] = [
    KEY,
    KEY_BY_SECRET,
    KEY_BY_LINK,
    KEYS,
    KEYS_OF_ACCOUNT,
    KEYS_OF_WALLET,
    KEYS_OF_STATUS,
    INSERT_KEY,
    UPDATE_KEY,
    ADD_SECRET,
    REMOVE_SECRET,
    ADD_LINK,
    REMOVE_LINK,
    ADD_WALLET,
    REMOVE_WALLET,
    LOCK_ROOT,
    CHAIN,
    ACCOUNT,
    OPERATION,
    RESERVATION,
    REFUND,
    DUE,
    ENTRIES_OF_ROOT,
    ENTRIES_OF_CHILD,
    INSERT_ACCOUNT,
    UPDATE_ACCOUNT,
    INSERT_OPERATION,
    INSERT_RESERVATION,
    END_RESERVATION,
    INSERT_REFUND,
    END_REFUND,
    INSERT_ENTRY,
    INSERT_POSITION,
    LOCK_COUNTER,
    INSERT_COUNTER,
    UPDATE_COUNTER,
    RECORD_ACTIVITIES,
    ACTIVITIES,
    ACTIVITIES_AFTER,
    COUNT_ACTIVITIES,
    PRUNE_ACTIVITIES,
];

pub(crate) const KEY: &str = "SELECT record FROM keyward_keys WHERE id = $1";
pub(crate) const KEY_BY_SECRET: &str = "
    SELECT k.record FROM keyward_secrets AS s JOIN keyward_keys AS k ON k.id = s.key_id WHERE s.digest = $1";
pub(crate) const KEY_BY_LINK: &str = "
    SELECT k.record FROM keyward_links AS l JOIN keyward_keys AS k ON k.id = l.key_id WHERE l.digest = $1";
pub(crate) const KEYS: &str = "SELECT record FROM keyward_keys WHERE id > $1 ORDER BY id LIMIT $2";
pub(crate) const KEYS_OF_ACCOUNT: &str = "
    SELECT record FROM keyward_keys WHERE account = $3 AND id > $1 ORDER BY id LIMIT $2";
pub(crate) const KEYS_OF_WALLET: &str = "
    SELECT k.record FROM keyward_wallets AS w JOIN keyward_keys AS k ON k.id = w.key_id
    WHERE w.address = $3 AND w.key_id > $1 ORDER BY w.key_id LIMIT $2";
pub(crate) const KEYS_OF_STATUS: &str = "
    SELECT record FROM keyward_keys WHERE status = $3 AND id > $1 ORDER BY id LIMIT $2";
pub(crate) const INSERT_KEY: &str = "
    INSERT INTO keyward_keys (id, account, status, revision, record) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO NOTHING";
pub(crate) const UPDATE_KEY: &str = "
    UPDATE keyward_keys SET account = $2, status = $3, revision = $4, record = $5 WHERE id = $1 AND revision = $6";
pub(crate) const ADD_SECRET: &str = "
    INSERT INTO keyward_secrets (digest, key_id) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
pub(crate) const REMOVE_SECRET: &str = "DELETE FROM keyward_secrets WHERE digest = $1 AND key_id = $2";
pub(crate) const ADD_LINK: &str = "
    INSERT INTO keyward_links (digest, key_id) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
pub(crate) const REMOVE_LINK: &str = "DELETE FROM keyward_links WHERE digest = $1 AND key_id = $2";
pub(crate) const ADD_WALLET: &str = "
    INSERT INTO keyward_wallets (address, key_id) VALUES ($1, $2) ON CONFLICT (address, key_id) DO NOTHING";
pub(crate) const REMOVE_WALLET: &str = "DELETE FROM keyward_wallets WHERE address = $1 AND key_id = $2";

/// The root account above an account: what everybody locks who changes anything below it.
pub(crate) const LOCK_ROOT: &str = "
    SELECT id FROM keyward_accounts WHERE id = (SELECT root FROM keyward_accounts WHERE id = $1) FOR UPDATE";
/// The account, the one above it, and so on. It ends also where rows are damaged: the depth falls.
pub(crate) const CHAIN: &str = "
    WITH RECURSIVE chain AS (
        SELECT id, parent, root, depth, balance, reserved, withheld, spend_limit, spent, deposited, refunded, entries,
            created_at
        FROM keyward_accounts WHERE id = $1
        UNION ALL
        SELECT a.id, a.parent, a.root, a.depth, a.balance, a.reserved, a.withheld, a.spend_limit, a.spent, a.deposited,
            a.refunded, a.entries, a.created_at
        FROM keyward_accounts AS a JOIN chain AS c ON a.id = c.parent AND a.depth < c.depth
    )
    SELECT * FROM chain ORDER BY depth DESC";
pub(crate) const ACCOUNT: &str = "
    SELECT id, parent, root, depth, balance, reserved, withheld, spend_limit, spent, deposited, refunded, entries,
        created_at
    FROM keyward_accounts WHERE id = $1";
pub(crate) const OPERATION: &str = "
    SELECT id, account, fingerprint, outcome, done_at FROM keyward_operations WHERE tag = $1 AND id = $2";
pub(crate) const RESERVATION: &str = "
    SELECT id, account, amount, made_at, deadline, state, charged, ended_at
    FROM keyward_reservations WHERE tag = $1 AND id = $2";
pub(crate) const REFUND: &str = "
    SELECT id, account, amount, begun_at, state, ended_at FROM keyward_refunds WHERE tag = $1 AND id = $2";
pub(crate) const DUE: &str = "
    SELECT id, account, amount, made_at, deadline, state, charged, ended_at
    FROM keyward_reservations WHERE due_at <= $1 ORDER BY due_at, tag, id LIMIT $2";
pub(crate) const ENTRIES_OF_ROOT: &str = "
    SELECT number AS position, root, number, account, operation, kind, amount, balance_after, description, entered_at
    FROM keyward_entries WHERE root = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
pub(crate) const ENTRIES_OF_CHILD: &str = "
    SELECT j.position, e.root, e.number, e.account, e.operation, e.kind, e.amount, e.balance_after, e.description,
        e.entered_at
    FROM keyward_journals AS j JOIN keyward_entries AS e ON e.root = j.root AND e.number = j.number
    WHERE j.account = $1 AND j.position < $2 ORDER BY j.position DESC LIMIT $3";
pub(crate) const INSERT_ACCOUNT: &str = "
    INSERT INTO keyward_accounts (id, balance, reserved, withheld, spend_limit, spent, deposited, refunded, entries,
        parent, root, depth, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
pub(crate) const UPDATE_ACCOUNT: &str = "
    UPDATE keyward_accounts SET balance = $2, reserved = $3, withheld = $4, spend_limit = $5, spent = $6,
        deposited = $7, refunded = $8, entries = $9
    WHERE id = $1";
pub(crate) const INSERT_OPERATION: &str = "
    INSERT INTO keyward_operations (tag, id, account, fingerprint, outcome, done_at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const INSERT_RESERVATION: &str = "
    INSERT INTO keyward_reservations (tag, id, state, charged, ended_at, due_at, account, amount, made_at, deadline)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(crate) const END_RESERVATION: &str = "
    UPDATE keyward_reservations SET state = $3, charged = $4, ended_at = $5, due_at = $6 WHERE tag = $1 AND id = $2";
pub(crate) const INSERT_REFUND: &str = "
    INSERT INTO keyward_refunds (tag, id, state, ended_at, account, amount, begun_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(crate) const END_REFUND: &str = "
    UPDATE keyward_refunds SET state = $3, ended_at = $4 WHERE tag = $1 AND id = $2";
pub(crate) const INSERT_ENTRY: &str = "
    INSERT INTO keyward_entries (root, number, account, operation, kind, amount, balance_after, description, entered_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub(crate) const INSERT_POSITION: &str = "
    INSERT INTO keyward_journals (account, position, root, number) VALUES ($1, $2, $3, $4)";

pub(crate) const LOCK_COUNTER: &str = "
    SELECT window_start, used, leases FROM keyward_counters WHERE key_id = $1 AND name = $2 FOR UPDATE";
pub(crate) const INSERT_COUNTER: &str = "
    INSERT INTO keyward_counters (key_id, name, window_start, used, leases) VALUES ($1, $2, $3, $4, $5)";
pub(crate) const UPDATE_COUNTER: &str = "
    UPDATE keyward_counters SET window_start = $3, used = $4, leases = $5 WHERE key_id = $1 AND name = $2";

pub(crate) const RECORD_ACTIVITIES: &str = "
    INSERT INTO keyward_activities (id, key_id, done_at, record)
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[])
    ON CONFLICT (id) DO NOTHING";
pub(crate) const ACTIVITIES: &str = "
    SELECT record FROM keyward_activities WHERE key_id = $1 AND done_at >= $2 AND done_at < $3
    ORDER BY done_at DESC, id LIMIT $4";
pub(crate) const ACTIVITIES_AFTER: &str = "
    SELECT record FROM keyward_activities
    WHERE key_id = $1 AND done_at >= $2 AND done_at < $3 AND done_at <= $5 AND (done_at < $5 OR id > $6)
    ORDER BY done_at DESC, id LIMIT $4";
pub(crate) const COUNT_ACTIVITIES: &str = "
    SELECT count(*) AS count FROM keyward_activities WHERE key_id = $1 AND done_at >= $2 AND done_at < $3";
pub(crate) const PRUNE_ACTIVITIES: &str = "
    DELETE FROM keyward_activities
    WHERE id IN (SELECT id FROM keyward_activities WHERE done_at < $1 ORDER BY done_at, id LIMIT $2)";
