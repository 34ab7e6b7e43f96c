//! A request as the routes see it: parameters, a token, and where it comes from.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::Request;
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper::http::Extensions;
use keyward_lighter::Token;
use zeroize::Zeroizing;

use super::answer::Answer;
use super::form::Parameters;
use super::{App, body};
use crate::rate_limit::{Budget, Payer, TooMany};
use crate::server::Connection;
use crate::{Access, Principal, Refusal, Tier, account_index};

/// A request that was read.
pub(crate) struct Call {
    peer: IpAddr,
    is_read: bool,
    parameters: Parameters,
    auth: Option<Zeroizing<String>>,
}

impl Call {
    /// Reads the query of a `GET`, the form of a `POST`, and the token of either.
    ///
    /// # Errors
    /// - the body is too large, too slow, malformed, or not a form
    /// - the token is given twice in one place
    pub(crate) async fn read(request: Request, app: &App) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        let query = Parameters::from_urlencoded(head.uri.query().unwrap_or_default().as_bytes())?;
        let connection = connection_of(&head.extensions)?;
        let is_read = head.method != Method::POST;
        let form = if is_read {
            // What a `GET` has for a body, and what type it says that would be of, means nothing.
            None
        } else {
            let body = body::read(body, connection, app.limits()).await?;
            Some(parse_form(&head.headers, body).await?)
        };
        // The header counts before the query, the query before the form; an empty one is none.
        let mut auth = header_token(&head.headers)?;
        for parameters in [Some(&query), form.as_ref()].into_iter().flatten() {
            let given = parameters.optional("auth")?.filter(|text| !text.is_empty());
            auth = auth.or_else(|| given.map(|text| Zeroizing::new(text.to_owned())));
        }
        Ok(Self { peer: connection.peer(), is_read, parameters: form.unwrap_or(query), auth })
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Who asks, for a route that takes a token: the account is the parameter `account_index`. Counts the request.
    ///
    /// # Errors
    /// - there is no token, or the venue does not take it for this account
    /// - the rate limit
    pub(crate) fn authenticate(&self, app: &App, access: Access, weight: u32) -> Result<Principal, Answer> {
        let judged = self.judge(app, access);
        match &judged {
            Ok(principal) => charge_owner(app, principal, weight)?,
            Err(_) => self.charge_address(app, weight)?,
        }
        Ok(judged?)
    }

    fn judge(&self, app: &App, access: Access) -> Result<Principal, Refusal> {
        let Some(token) = &self.auth else {
            return Err(if self.is_read { Refusal::read_without_auth() } else { Refusal::write_without_auth() });
        };
        let account = account_index(self.parameters.integer("account_index")?)?;
        app.venue().authenticate(token, account, access)
    }

    /// Counts a request to a route that needs no token, against the owner of the one it carries all the same.
    ///
    /// # Errors
    /// - the rate limit
    pub(crate) fn admit(&self, app: &App, weight: u32) -> Result<(), TooMany> {
        if app.rate_limiter().is_on()
            && let Some(auth) = &self.auth
            && let Ok(token) = Token::parse(auth)
            && let Ok(principal) = app.venue().authenticate(auth, token.account_index(), Access::Read)
        {
            return charge_owner(app, &principal, weight);
        }
        self.charge_address(app, weight)
    }

    fn charge_address(&self, app: &App, weight: u32) -> Result<(), TooMany> {
        app.rate_limiter().charge(Payer::Address(self.peer), Budget::of(Tier::Standard), weight)
    }
}

fn charge_owner(app: &App, principal: &Principal, weight: u32) -> Result<(), TooMany> {
    app.rate_limiter().charge(Payer::Owner(principal.owner()), Budget::of(principal.tier()), weight)
}

/// The connection that a request came on.
fn connection_of(extensions: &Extensions) -> Result<&Arc<Connection>, Refusal> {
    // It is put there before the router sees the request.
    extensions.get().ok_or_else(Refusal::internal)
}

/// The token in the header `Authorization`, which is all of its value.
fn header_token(headers: &HeaderMap) -> Result<Option<Zeroizing<String>>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter().filter(|value| !value.is_empty());
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::invalid_param("the Authorization header is given more than once"));
    }
    // What is no text is no token either, which matters only where one is needed.
    Ok(Some(Zeroizing::new(String::from_utf8_lossy(value.as_bytes()).into_owned())))
}

/// Reads a form of either kind; a body of no bytes is one without parameters.
async fn parse_form(headers: &HeaderMap, body: Bytes) -> Result<Parameters, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Parameters::from_urlencoded(&body)
    } else if essence.eq_ignore_ascii_case("multipart/form-data") {
        Parameters::from_multipart(content_type, body).await
    } else if body.is_empty() {
        Ok(Parameters::default())
    } else {
        Err(Refusal::invalid_param("the body is not a form, urlencoded or multipart"))
    }
}
