//! One conditional write of one point, and who has made it.
//!
//! Qdrant sets fields where a filter matches, one update after the other, and answers the same whether it matched or not. So a
//! write sets, together with what it writes, which attempt it was; reading that back says who was first. What was written may
//! have been overwritten until then: the attempts of the last [`TRACES`] revisions are kept, each in a field of its own.

use keyward_store::StoreError;
use serde_json::Value;

use crate::api::Api;
use crate::collections::Collection;
use crate::fault::{Fault, Overtaken, Unreadable, corrupt};
use crate::point::{Payload, PointId, equals, nonce};

/// How many revisions leave a trace.
const TRACES: i64 = 16;

/// The revision of a point that holds nothing yet.
pub(crate) const BARE: i64 = -1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swap {
    Won,
    Lost,
}

pub(crate) fn revision_of(payload: &Payload, record: &'static str) -> Result<i64, StoreError> {
    payload.get("revision").and_then(Value::as_i64).ok_or_else(|| corrupt(record, Unreadable))
}

impl Api {
    /// Sets `payload` and the revision after `from`, if the point has the revision `from` and the fence `fence`, if one is
    /// given.
    pub(crate) async fn swap(
        &self,
        of: &Collection,
        id: PointId,
        from: i64,
        fence: Option<&str>,
        mut payload: Payload,
    ) -> Result<Swap, StoreError> {
        let to = from + 1;
        let trace = format!("{to}-{}", nonce().map_err(Fault::harmless)?);
        payload.insert("revision".to_owned(), to.into());
        payload.insert(trace_field(to), trace.clone().into());
        let mut conditions = vec![equals("revision", from)];
        conditions.extend(fence.map(|fence| equals("fence", fence)));
        let open = match self.set_where(of, id, conditions, payload).await {
            Ok(()) => None,
            Err(fault) if fault.leaves_it_open() => Some(fault),
            Err(fault) => return Err(fault.harmless()),
        };
        let found = match self.point(of, id).await {
            Ok(found) => found,
            Err(fault) => return Err(StoreError::Ambiguous(open.unwrap_or(fault).into())),
        };
        let Some(found) = found else { return Ok(Swap::Lost) };
        let there = found.get(&trace_field(to)).and_then(Value::as_str).unwrap_or_default();
        if there == trace {
            return Ok(Swap::Won);
        }
        let traced: Option<i64> = there.split_once('-').and_then(|(revision, _)| revision.parse().ok());
        match traced {
            Some(revision) if revision == to => Ok(Swap::Lost),
            Some(revision) if revision > to => Err(StoreError::Ambiguous(Overtaken.into())),
            // Nobody has written that revision. A write that is still on its way can come as long as its condition holds.
            _ => match open {
                Some(fault) if revision_of(&found, "point")? == from => Err(StoreError::Ambiguous(fault.into())),
                _ => Ok(Swap::Lost),
            },
        }
    }
}

fn trace_field(revision: i64) -> String {
    format!("attempt_{}", revision.rem_euclid(TRACES))
}
