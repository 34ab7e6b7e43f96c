//! A sandbox on a free port, and the plainest client there is.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, Attributes, ChainId, ChangePubKey, EthereumKey, Nonce, SigningKey, SysRng,
    TokenSigner, Transaction, UnixMillis, UnixSeconds,
};
use keyward_lighter_sandbox::{
    ClockSetting, ConnectionLimits, RateLimit, Sandbox, SandboxClock, Seed, Storage, Venue, VenueSettings,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What the venue's clock shows at the beginning.
pub(crate) const NOW: u64 = 1_795_219_200;

/// The slot whose key every account has from the start.
pub(crate) const SLOT: u64 = 10;

/// A main account of the standard tier.
pub(crate) const STANDARD: u64 = 5;

/// A main account of the premium tier, and of another owner.
pub(crate) const PREMIUM: u64 = 7;

/// A sub-account of the owner of `STANDARD`.
pub(crate) const SUB: u64 = 281_474_976_710_654;

/// No test waits longer than this for something that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A running sandbox. It stops when this is dropped or its runtime ends.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) venue: Arc<Venue>,
    pub(crate) clock: Arc<SandboxClock>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

/// What is not as usual.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) limits: ConnectionLimits,
    pub(crate) rate_limit: RateLimit,
    pub(crate) storage: Option<Storage>,
    pub(crate) settings: VenueSettings,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with_limits(limits: ConnectionLimits) -> Self {
        Self::with(Setup { limits, ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let clock = Arc::new(SandboxClock::new(ClockSetting::Fixed(UnixSeconds::new(NOW).unwrap().into())));
        let storage = setup.storage.unwrap_or(Storage::Memory);
        let venue = Arc::new(Venue::open(setup.settings, seed(), storage, clock.clone()).unwrap());
        let builder = Sandbox::builder(venue.clone()).clock(clock.clone());
        let sandbox = builder.rate_limit(setup.rate_limit).limits(setup.limits).bind().await.unwrap();
        let address = sandbox.local_addr();
        assert!(address.ip().is_loopback());
        assert_eq!(sandbox.base_url(), format!("http://{address}"));
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(sandbox.run_until(async {
            let _ = stopped.await;
        }));
        Self { address, venue, clock, stop: Some(stop), served }
    }

    /// Asks the sandbox to stop, and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.take();
        timeout(PATIENCE, self.served).await.expect("the sandbox stops").unwrap();
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.unwrap())
    }

    /// A request on a connection of its own.
    pub(crate) async fn ask(&self, request: Request<'_>) -> Response {
        let mut wire = self.connect().await;
        wire.send(request.to_text().as_bytes()).await;
        wire.response().await.expect("an answer")
    }

    pub(crate) async fn get(&self, target: &str) -> Response {
        self.ask(Request::get(target)).await
    }

    /// A `GET` with a token in the header.
    pub(crate) async fn get_as(&self, token: &str, target: &str) -> Response {
        self.ask(Request::get(target).header("authorization", token)).await
    }

    pub(crate) async fn post(&self, target: &str, form: &[(&str, &str)]) -> Response {
        self.ask(Request::post(target, form)).await
    }

    /// A `POST` with a token in the header.
    pub(crate) async fn post_as(&self, token: &str, target: &str, form: &[(&str, &str)]) -> Response {
        self.ask(Request::post(target, form).header("authorization", token)).await
    }

    /// Makes a read-only token, and tells its number too.
    pub(crate) async fn read_only_token(&self, account: u64, reaches_subs: bool) -> (String, u64) {
        let account_index = account.to_string();
        let expiry = (NOW + 30 * 86_400).to_string();
        let access = if reaches_subs { "True" } else { "False" };
        let form =
            [("name", "bot 1"), ("account_index", &account_index), ("expiry", &expiry), ("sub_account_access", access)];
        let made = self.post_as(&token(account), "/api/v1/tokens/create", &form).await;
        assert_eq!((made.status, made.code()), (200, 200), "{:?}", made.body);
        (made.body["api_token"].as_str().unwrap().to_owned(), made.body["token_id"].as_u64().unwrap())
    }
}

/// The accounts that every world starts with.
fn seed() -> Seed {
    let owner = EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap().address().to_string();
    let other = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let account = |owner: &str, index: u64, account_type: &str, tier: &str| {
        let public_key = keyward_lighter::public_key_text(key(index).verifying_key());
        json!({
            "l1_address": owner, "index": index, "account_type": account_type, "tier": tier,
            "api_keys": [{ "api_key_index": SLOT, "public_key": public_key }],
        })
    };
    let document = json!({ "accounts": [
        account(&owner, STANDARD, "master", "standard"),
        account(&owner, SUB, "sub", "standard"),
        account(other, PREMIUM, "master", "premium"),
    ] });
    Seed::from_json(document.to_string().as_bytes()).unwrap()
}

/// The key that an account has in `SLOT` from the start.
pub(crate) fn key(account: u64) -> SigningKey {
    SigningKey::from_seed(format!("a seed of enough bytes for the key of account {account}").as_bytes()).unwrap()
}

/// A good token of an account.
pub(crate) fn token(account: u64) -> String {
    token_until(account, NOW + 3600)
}

/// A token of an account with this deadline.
pub(crate) fn token_until(account: u64, deadline: u64) -> String {
    token_of(key(account), account, SLOT, deadline)
}

pub(crate) fn token_of(key: SigningKey, account: u64, slot: u64, deadline: u64) -> String {
    let slot = ApiKeyIndex::new(u8::try_from(slot).unwrap()).unwrap();
    let signer = TokenSigner::new(key, AccountIndex::new(account).unwrap(), slot);
    signer.sign(UnixSeconds::new(deadline).unwrap(), &mut SysRng).unwrap().expose_secret().to_owned()
}

/// A `ChangePubKey` of the owner of `STANDARD` and `SUB`, as its `tx_info`.
pub(crate) fn change_pub_key(new: &SigningKey, account: u64, slot: u64, nonce: u64) -> String {
    let transaction = Transaction::new(
        AccountIndex::new(account).unwrap(),
        ApiKeyIndex::new(u8::try_from(slot).unwrap()).unwrap(),
        Nonce::new(nonce).unwrap(),
        UnixMillis::new((NOW + 599) * 1000).unwrap(),
        Attributes::NONE,
        Action::ChangePubKey(ChangePubKey { public_key: *new.verifying_key() }),
    )
    .unwrap();
    let l1_signature =
        EthereumKey::parse(Seed::EXAMPLE_L1_KEY).unwrap().sign_message(&transaction.l1_message().unwrap());
    let signed = transaction.sign(ChainId::MAINNET, new, &mut SysRng).unwrap();
    signed.with_l1_signature(l1_signature).to_tx_info()
}

/// A key that no account has yet.
pub(crate) fn new_key() -> SigningKey {
    SigningKey::generate(&mut SysRng).unwrap()
}

/// One request, as text.
pub(crate) struct Request<'a> {
    line: String,
    headers: Vec<(&'a str, String)>,
    body: String,
}

impl<'a> Request<'a> {
    pub(crate) fn get(target: &str) -> Self {
        // As the official SDK does.
        let headers = vec![("Content-Type", "application/json".to_owned())];
        Self { line: format!("GET {target} HTTP/1.1"), headers, body: String::new() }
    }

    pub(crate) fn post(target: &str, form: &[(&str, &str)]) -> Self {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        Self::with_body(target, "application/x-www-form-urlencoded", body.finish())
    }

    pub(crate) fn multipart(target: &str, form: &[(&str, &str)]) -> Self {
        let mut body = String::new();
        for (name, value) in form {
            write!(body, "--Xy\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
        }
        body.push_str("--Xy--\r\n");
        Self::with_body(target, "multipart/form-data; boundary=Xy", body)
    }

    pub(crate) fn with_body(target: &str, content_type: &str, body: String) -> Self {
        let headers = vec![("Content-Type", content_type.to_owned()), ("Content-Length", body.len().to_string())];
        Self { line: format!("POST {target} HTTP/1.1"), headers, body }
    }

    pub(crate) fn header(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{}\r\nHost: sandbox\r\n", self.line);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        text + "\r\n" + &self.body
    }
}

/// One connection.
pub(crate) struct Wire(pub(crate) TcpStream);

impl Wire {
    /// Sends all of it, or as much as the other side still takes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// The next answer; `None` if the connection ends before it.
    pub(crate) async fn response(&mut self) -> Option<Response> {
        timeout(PATIENCE, self.read_response()).await.expect("an answer or the end in time")
    }

    async fn read_response(&mut self) -> Option<Response> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut response = Response { status, headers, body: Value::Null };
        let length = response.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        if !body.is_empty() {
            assert_eq!(response.header("content-type"), Some("application/json"));
            response.body = serde_json::from_slice(&body).expect("every body is JSON");
        }
        Some(response)
    }

    /// Waits until the other side has closed the connection; what it sent before that.
    pub(crate) async fn end(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, self.0.read_to_end(&mut rest)).await;
        // Closed with bytes unread, a connection ends with an error instead.
        let _ = ended.expect("the connection is closed in time");
        rest
    }
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Response {
    pub(crate) fn code(&self) -> u64 {
        self.body["code"].as_u64().expect("a code")
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().expect("a message")
    }

    /// Status, code and message: all that a refusal is.
    pub(crate) fn refusal(&self) -> (u16, u64, &str) {
        (self.status, self.code(), self.message())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }
}
