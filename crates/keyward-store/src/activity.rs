use std::net::IpAddr;

use keyward_apikey::KeyId;
use keyward_ledger::{Msat, OperationId};
use keyward_time::UnixMillis;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The fields of an [`Activity`], as a store keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityFields {
    /// Its own name, by which it is written once.
    pub id: OperationId,
    /// The key that was used.
    pub key: KeyId,
    /// When.
    pub at: UnixMillis,
    /// The HTTP method, such as `POST`: 1 to 16 letters.
    pub method: String,
    /// The path that was asked for, without its query, which may hold a secret: it begins with `/`, and has at most 2,048
    /// bytes, all of them printable ASCII other than `?` and `#`.
    pub endpoint: String,
    /// Where the request came from, if that is known.
    pub ip: Option<IpAddr>,
    /// What the client called itself: at most 512 bytes without a control character; empty if it said nothing.
    pub user_agent: String,
    /// What it cost.
    pub cost: Msat,
    /// The status of the answer, 100 to 599.
    pub status: u16,
    /// How long the answer took, in milliseconds.
    pub duration_millis: u32,
}

/// One use of an API key, as the audit log keeps it, whose fields are as [`ActivityFields`] says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ActivityFields", into = "ActivityFields")]
pub struct Activity(ActivityFields);

/// A field of an activity is not as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("bad {field} of an activity")]
pub struct BadActivity {
    /// Which one.
    pub field: &'static str,
}

impl Activity {
    /// The activity with these fields.
    ///
    /// # Errors
    /// - a field is not as [`ActivityFields`] says
    pub fn new(fields: ActivityFields) -> Result<Self, BadActivity> {
        let ActivityFields { method, endpoint, user_agent, status, .. } = &fields;
        let is_method = (1..=16).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_path = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
        let is_endpoint = endpoint.starts_with('/') && endpoint.len() <= 2048 && endpoint.bytes().all(is_path);
        let is_user_agent = user_agent.len() <= 512 && !user_agent.chars().any(char::is_control);
        let checks = [
            (is_method, "method"),
            (is_endpoint, "endpoint"),
            (is_user_agent, "user agent"),
            ((100..=599).contains(status), "status"),
        ];
        match checks.into_iter().find(|(is_good, _)| !is_good) {
            Some((_, field)) => Err(BadActivity { field }),
            None => Ok(Self(fields)),
        }
    }

    /// Its fields.
    pub const fn fields(&self) -> &ActivityFields {
        &self.0
    }
}

impl TryFrom<ActivityFields> for Activity {
    type Error = BadActivity;

    fn try_from(fields: ActivityFields) -> Result<Self, BadActivity> {
        Self::new(fields)
    }
}

impl From<Activity> for ActivityFields {
    fn from(activity: Activity) -> Self {
        activity.0
    }
}
