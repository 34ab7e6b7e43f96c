//! Which slot of a cluster a key is in, and which server has it, as the cluster's specification says
//! (<https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>).

use redis::Value;

/// How many slots a cluster has.
pub(crate) const SLOTS: u16 = 16_384;

/// The slot of a key: by what stands between the first brace and the next closing one, if there is anything, else by all of it.
pub(crate) fn slot_of(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let rest = &key[open + 1..];
        rest.iter().position(|byte| *byte == b'}').map(|close| &rest[..close]).filter(|tag| !tag.is_empty())
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| (crc << 1) ^ if crc >> 15 == 1 { 0x1021 } else { 0 })
    })
}

/// A server as others name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Endpoint {
    /// The one that `HOST:PORT` names. An empty host or a `?` is that of `teller`, who does not know its own.
    pub(crate) fn parse(text: &str, teller: &Self) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        Some(Self::told_by(teller, host, port.parse().ok()?))
    }

    fn told_by(teller: &Self, host: &str, port: u16) -> Self {
        let host = if matches!(host, "" | "?") { &teller.host } else { host };
        Self { host: host.to_owned(), port }
    }
}

/// Slots one after the other, and the master that has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) master: Endpoint,
}

/// What `teller` has answered to `CLUSTER SLOTS`, in the order of the slots; `None` if that is not readable.
pub(crate) fn parse_slots(answer: &Value, teller: &Endpoint) -> Option<Vec<Range>> {
    let mut ranges = array(answer)?.iter().map(|range| parse_range(range, teller)).collect::<Option<Vec<_>>>()?;
    ranges.sort_by_key(|range| range.first);
    Some(ranges)
}

fn parse_range(range: &Value, teller: &Endpoint) -> Option<Range> {
    // The master comes first, then its replicas.
    let [first, last, master, ..] = array(range)? else { return None };
    let (first, last) = (number(first)?, number(last)?);
    let [host, port, ..] = array(master)? else { return None };
    let host = match host {
        Value::BulkString(host) => str::from_utf8(host).ok()?,
        Value::SimpleString(host) => host,
        Value::Nil => "",
        _ => return None,
    };
    let master = Endpoint::told_by(teller, host, number(port)?);
    (first <= last && last < SLOTS).then_some(Range { first, last, master })
}

fn array(value: &Value) -> Option<&[Value]> {
    if let Value::Array(values) = value { Some(values) } else { None }
}

fn number(value: &Value) -> Option<u16> {
    if let Value::Int(number) = value { u16::try_from(*number).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teller() -> Endpoint {
        Endpoint { host: "::1".to_owned(), port: 7000 }
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot_of(b""), 0);
        // As a server answers to CLUSTER KEYSLOT.
        assert_eq!(slot_of(b"foo"), 12_182);
        assert_eq!(slot_of(b"somekey"), 11_058);
        assert_eq!(slot_of(b"{user1000}.following"), slot_of(b"user1000"));
        assert_eq!(slot_of(b"foo{{bar}}zap"), slot_of(b"{bar"));
        assert_eq!(slot_of(b"foo{bar}{zap}"), slot_of(b"bar"));
        for whole in [b"foo{}{bar}".as_slice(), b"foo{bar", b"foo}bar{", b"}{"] {
            assert_eq!(slot_of(whole), crc16(whole) % SLOTS);
        }
    }

    #[test]
    fn endpoints_are_read_as_servers_write_them() {
        let endpoint = |host: &str, port| Some(Endpoint { host: host.to_owned(), port });
        assert_eq!(Endpoint::parse("10.0.0.1:6379", &teller()), endpoint("10.0.0.1", 6379));
        assert_eq!(Endpoint::parse("2001:db8::7:6379", &teller()), endpoint("2001:db8::7", 6379));
        assert_eq!(Endpoint::parse(":6379", &teller()), endpoint("::1", 6379));
        assert_eq!(Endpoint::parse("?:6379", &teller()), endpoint("::1", 6379));
        for bad in ["", "host", "host:", "host:-1", "host:70000", "host:x"] {
            assert_eq!(Endpoint::parse(bad, &teller()), None, "{bad}");
        }
    }

    fn range(first: i64, last: i64, host: Value, port: i64) -> Value {
        let id = Value::BulkString(b"0123".to_vec());
        let master = Value::Array(vec![host, Value::Int(port), id, Value::Array(Vec::new())]);
        Value::Array(vec![Value::Int(first), Value::Int(last), master.clone(), master])
    }

    #[test]
    fn ranges_come_in_the_order_of_the_slots() {
        let host = || Value::BulkString(b"10.0.0.1".to_vec());
        let answer = Value::Array(vec![range(100, 16_383, host(), 7001), range(0, 99, Value::Nil, 7000)]);
        let ranges = parse_slots(&answer, &teller()).expect("readable");
        assert_eq!(ranges.iter().map(|range| (range.first, range.last)).collect::<Vec<_>>(), [(0, 99), (100, 16_383)]);
        assert_eq!(ranges[0].master, teller());
        assert_eq!(ranges[1].master, Endpoint { host: "10.0.0.1".to_owned(), port: 7001 });
    }

    #[test]
    fn what_is_no_map_of_slots_is_not_read() {
        let host = || Value::BulkString(b"host".to_vec());
        let bad = [
            Value::Nil,
            Value::Array(vec![Value::Nil]),
            Value::Array(vec![range(5, 4, host(), 1)]),
            Value::Array(vec![range(0, 16_384, host(), 1)]),
            Value::Array(vec![range(-1, 0, host(), 1)]),
            Value::Array(vec![range(0, 1, host(), 65_536)]),
            Value::Array(vec![range(0, 1, Value::Int(1), 1)]),
            Value::Array(vec![range(0, 1, Value::BulkString(vec![0xff]), 1)]),
            Value::Array(vec![Value::Array(vec![Value::Int(0), Value::Int(1)])]),
        ];
        for answer in bad {
            assert_eq!(parse_slots(&answer, &teller()), None, "{answer:?}");
        }
    }
}
