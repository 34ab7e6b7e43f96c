use core::fmt;
use core::str::FromStr;

use keyward_token::{AccountIndex, ApiKeyIndex};
use serde_json::value::{RawValue, Value};
use zeroize::Zeroizing;

use crate::{
    ConfigError, ConfigProblem, Days, DaysError, JsonError, TokenSigner, json, parse_private_key, private_key_text,
};

const BASE_URL: &str = "BASE_URL";
const ACCOUNTS: &str = "ACCOUNTS";
const DURATION_IN_DAYS: &str = "DURATION_IN_DAYS";
const NUM_DAYS: &str = "NUM_DAYS";
const PRIVATE_KEY: &str = "api_key_private_key";
const ACCOUNT_INDEX: &str = "account_index";
const API_KEY_INDEX: &str = "api_key_index";

const ENTRY_INDENT: &str = "\n    ";
const MAX_ENTRY_BYTES: usize = 195;

const TOO_MANY_ACCOUNTS: ConfigProblem = ConfigProblem::TooMany { max: Config::MAX_ACCOUNTS };

/// `config.json`: the exchange's address and the accounts with their private keys, as the
/// `read-only-auth` example of Lighter's Python SDK writes it.
///
/// | member | value |
/// |---|---|
/// | `BASE_URL` | text, not empty |
/// | `ACCOUNTS` | an array, not empty, at most 100,000 entries |
/// | `ACCOUNTS[i].api_key_private_key` | a private key's text, see [`parse_private_key`] |
/// | `ACCOUNTS[i].account_index` | a whole number, 0 to 2^48 - 2 |
/// | `ACCOUNTS[i].api_key_index` | a whole number, 0 to 254 |
/// | `DURATION_IN_DAYS`, optional | a whole number, at most 3,650 |
/// | `NUM_DAYS`, optional | likewise |
///
/// Other members are passed over, as the example's script does; a member that stands there twice is
/// an error. The keys are wiped on drop; the text that was parsed is its owner's to wipe.
///
/// ```
/// use keyward_lighter::Config;
///
/// let config = Config::parse(br#"{
///     "BASE_URL": "https://testnet.zklighter.elliot.ai",
///     "ACCOUNTS": [{
///         "api_key_private_key": "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c",
///         "account_index": 5,
///         "api_key_index": 253
///     }]
/// }"#)?;
/// assert_eq!(config.signers()[0].account_index().to_string(), "5");
/// # Ok::<(), keyward_lighter::ConfigError>(())
/// ```
pub struct Config {
    base_url: String,
    signers: Vec<TokenSigner>,
    duration_in_days: Option<Days>,
    num_days: Option<Days>,
}

impl Config {
    /// The largest text that is parsed: 16 MiB.
    pub const MAX_BYTES: usize = 16 << 20;

    /// The most entries in `ACCOUNTS`.
    pub const MAX_ACCOUNTS: usize = 100_000;

    /// The configuration of `signers`' accounts, without a duration.
    ///
    /// # Errors
    /// - [`Empty`](ConfigProblem::Empty): `base_url` or `signers` is empty
    /// - [`TooMany`](ConfigProblem::TooMany): more than [`MAX_ACCOUNTS`](Self::MAX_ACCOUNTS) signers
    pub fn new(base_url: String, signers: Vec<TokenSigner>) -> Result<Self, ConfigError> {
        if base_url.is_empty() {
            return Err(ConfigError::new(BASE_URL, ConfigProblem::Empty));
        }
        if signers.is_empty() {
            return Err(ConfigError::new(ACCOUNTS, ConfigProblem::Empty));
        }
        if signers.len() > Self::MAX_ACCOUNTS {
            return Err(ConfigError::new(ACCOUNTS, TOO_MANY_ACCOUNTS));
        }
        Ok(Self { base_url, signers, duration_in_days: None, num_days: None })
    }

    /// Reads a configuration of which every account is good.
    ///
    /// # Errors
    /// - all of [`parse_keeping_good`](Self::parse_keeping_good)'s
    /// - the first bad account's
    pub fn parse(text: &[u8]) -> Result<Self, ConfigError> {
        let (config, bad) = Self::parse_keeping_good(text)?;
        bad.first().map_or(Ok(config), |&error| Err(error))
    }

    /// Reads a configuration of which single accounts may be bad: they are left out and their errors
    /// given beside it, in order. The configuration may be left without an account.
    ///
    /// # Errors
    /// - more than [`MAX_BYTES`](Self::MAX_BYTES), or no JSON object
    /// - a member missing, repeated, of the wrong type, empty or out of range, outside of `ACCOUNTS`
    /// - more than [`MAX_ACCOUNTS`](Self::MAX_ACCOUNTS) accounts
    pub fn parse_keeping_good(text: &[u8]) -> Result<(Self, Vec<ConfigError>), ConfigError> {
        let document = json::document(text, Self::MAX_BYTES)?;
        let names = [BASE_URL, ACCOUNTS, DURATION_IN_DAYS, NUM_DAYS];
        let [base_url, accounts, duration_in_days, num_days] = fields(document, names)?;

        let base_url = base_url.required()?.read_base_url()?;
        let duration_in_days = duration_in_days.optional().map(|field| field.read_days()).transpose()?;
        let num_days = num_days.optional().map(|field| field.read_days()).transpose()?;
        let (signers, bad) = accounts.required()?.read_accounts()?;
        Ok((Self { base_url, signers, duration_in_days, num_days }, bad))
    }

    /// The address of the exchange's API, as it was given.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The accounts, in order; one may be there more than once.
    pub fn signers(&self) -> &[TokenSigner] {
        &self.signers
    }

    /// The accounts, in order, for good.
    pub fn into_signers(self) -> Vec<TokenSigner> {
        self.signers
    }

    /// `DURATION_IN_DAYS`. It goes before the environment variable `NUM_DAYS`, in the script too.
    pub fn duration_in_days(&self) -> Option<Days> {
        self.duration_in_days
    }

    /// A `NUM_DAYS` of the configuration's own. The script knows it in the environment only, so this
    /// one goes last.
    pub fn num_days(&self) -> Option<Days> {
        self.num_days
    }

    /// Writes `BASE_URL` and `ACCOUNTS` as Python's `json.dump(config, file, indent=2,
    /// ensure_ascii=False)` does, without a newline at the end.
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let base_url = Value::from(self.base_url.as_str()).to_string();
        // A vector that grows leaves keys behind in its old places.
        let room = 64 + base_url.len() + MAX_ENTRY_BYTES * self.signers.len();
        let mut json = Zeroizing::new(Vec::with_capacity(room));

        append(&mut json, &["{\n  \"", BASE_URL, "\": ", &base_url, ",\n  \"", ACCOUNTS, "\": ["]);
        for (position, signer) in self.signers.iter().enumerate() {
            append(&mut json, &[if position == 0 { "" } else { "," }, ENTRY_INDENT]);
            append_entry(&mut json, signer);
        }
        append(&mut json, &["\n  ]\n}"]);
        debug_assert!(json.len() <= room);
        json
    }

    /// The configuration `text` with `signer` in it: in place of every entry of its account and slot,
    /// or at the end of `ACCOUNTS` if there is none. All other bytes stay as they are.
    ///
    /// # Errors
    /// - all of [`parse`](Self::parse)'s
    /// - [`TooMany`](ConfigProblem::TooMany): there is no room for one more
    /// - the result would be larger than [`MAX_BYTES`](Self::MAX_BYTES)
    pub fn replace_account(text: &[u8], signer: &TokenSigner) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let document = json::document(text, Self::MAX_BYTES)?;
        let [_, accounts] = fields(document, [BASE_URL, ACCOUNTS])?;
        let entries = Self::parse(text)?.signers;
        let same_slot = |entry: &TokenSigner| {
            entry.account_index() == signer.account_index() && entry.api_key_index() == signer.api_key_index()
        };
        let replaced = entries.iter().filter(|entry| same_slot(entry)).count();
        if replaced == 0 && entries.len() == Self::MAX_ACCOUNTS {
            return Err(ConfigError::new(ACCOUNTS, TOO_MANY_ACCOUNTS));
        }

        // A vector that grows leaves keys behind in its old places.
        let room = text.len() + MAX_ENTRY_BYTES * replaced.max(1);
        let mut json = Zeroizing::new(Vec::with_capacity(room));
        let mut copied = 0;
        let mut remaining = entries.iter();
        accounts.required()?.each_account(|value| {
            let start = value.get().as_ptr().addr() - text.as_ptr().addr();
            let end = start + value.get().len();
            if remaining.next().is_some_and(same_slot) {
                json.extend_from_slice(&text[copied..start]);
                append_entry(&mut json, signer);
            } else {
                json.extend_from_slice(&text[copied..end]);
            }
            copied = end;
            Ok(())
        })?;
        if replaced == 0 {
            append(&mut json, &[",", ENTRY_INDENT]);
            append_entry(&mut json, signer);
        }
        json.extend_from_slice(&text[copied..]);
        debug_assert!(json.len() <= room);
        if json.len() > Self::MAX_BYTES {
            return Err(JsonError::TooLarge { max: Self::MAX_BYTES }.into());
        }
        Ok(json)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("signers", &self.signers)
            .field("duration_in_days", &self.duration_in_days)
            .field("num_days", &self.num_days)
            .finish()
    }
}

/// An object of `ACCOUNTS`, at most [`MAX_ENTRY_BYTES`] with a comma and the indent.
fn append_entry(json: &mut Vec<u8>, signer: &TokenSigner) {
    append(json, &["{\n      \"", PRIVATE_KEY, "\": \"", &private_key_text(signer.signing_key()), "\",\n"]);
    append(json, &["      \"", ACCOUNT_INDEX, "\": ", &signer.account_index().to_string(), ",\n"]);
    append(json, &["      \"", API_KEY_INDEX, "\": ", &signer.api_key_index().to_string(), "\n    }"]);
}

fn append(json: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        json.extend_from_slice(part.as_bytes());
    }
}

/// The members of the object `value` that have the given names, each in its place.
fn fields<'a, const N: usize>(value: &'a RawValue, names: [&'static str; N]) -> Result<[Field<'a>; N], ConfigError> {
    let mut fields = names.map(|name| Field { name, value: None });
    let no_object = ConfigError::new("", ConfigProblem::WrongType { expected: "an object" });
    json::members(value, no_object, |name, value| match fields.iter_mut().find(|field| field.name == name) {
        Some(Field { value: Some(_), name }) => Err(ConfigError::new(name, ConfigProblem::Repeated)),
        Some(field) => {
            field.value = Some(value);
            Ok(())
        }
        None => Ok(()),
    })?;
    Ok(fields)
}

/// A member that is looked for, and its value if it is there.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'static str,
    value: Option<&'a RawValue>,
}

impl<'a> Field<'a> {
    fn required(self) -> Result<Present<'a>, ConfigError> {
        self.optional().ok_or(ConfigError::new(self.name, ConfigProblem::Missing))
    }

    fn optional(self) -> Option<Present<'a>> {
        self.value.map(|value| Present { name: self.name, value })
    }
}

/// A member that is there.
struct Present<'a> {
    name: &'static str,
    value: &'a RawValue,
}

impl<'a> Present<'a> {
    fn error(&self, problem: ConfigProblem) -> ConfigError {
        ConfigError::new(self.name, problem)
    }

    fn read_text(&self) -> Result<&'a str, ConfigError> {
        json::raw_text(self.value).ok_or(self.error(ConfigProblem::WrongType { expected: "a string" }))
    }

    fn read_base_url(&self) -> Result<String, ConfigError> {
        self.read_text()?;
        let url: String = serde_json::from_str(self.value.get()).map_err(|_| self.error(JsonError::Escape.into()))?;
        if url.is_empty() { Err(self.error(ConfigProblem::Empty)) } else { Ok(url) }
    }

    fn read_days(&self) -> Result<Days, ConfigError> {
        // A JSON number's text; that of any other value is no number of days.
        self.value.get().parse().map_err(|error: DaysError| self.error(error.into()))
    }

    fn read_index<T: FromStr>(&self, max: u64) -> Result<T, ConfigError> {
        self.value.get().parse().map_err(|_| self.error(ConfigProblem::OutOfRange { max }))
    }

    /// The good accounts, and the errors of the bad ones.
    fn read_accounts(&self) -> Result<(Vec<TokenSigner>, Vec<ConfigError>), ConfigError> {
        // A vector that grows leaves keys behind in its old places.
        let mut signers = Vec::with_capacity(self.count_accounts()?);
        let mut bad = Vec::new();
        self.each_account(|value| {
            match read_account(value) {
                Ok(signer) => signers.push(signer),
                Err(error) => bad.push(error.in_account(signers.len() + bad.len())),
            }
            Ok(())
        })?;
        Ok((signers, bad))
    }

    fn count_accounts(&self) -> Result<usize, ConfigError> {
        let mut count = 0;
        self.each_account(|_| {
            count += 1;
            if count > Config::MAX_ACCOUNTS { Err(self.error(TOO_MANY_ACCOUNTS)) } else { Ok(()) }
        })?;
        if count == 0 { Err(self.error(ConfigProblem::Empty)) } else { Ok(count) }
    }

    fn each_account(&self, each: impl FnMut(&'a RawValue) -> Result<(), ConfigError>) -> Result<(), ConfigError> {
        json::elements(self.value, self.error(ConfigProblem::WrongType { expected: "an array" }), each)
    }
}

fn read_account(value: &RawValue) -> Result<TokenSigner, ConfigError> {
    let [key, account, api_key] = fields(value, [PRIVATE_KEY, ACCOUNT_INDEX, API_KEY_INDEX])?;
    let (key, account, api_key) = (key.required()?, account.required()?, api_key.required()?);
    let account = account.read_index(AccountIndex::MAX.as_u64())?;
    let api_key = api_key.read_index(ApiKeyIndex::MAX.as_u8().into())?;
    let signing_key = parse_private_key(key.read_text()?).map_err(|error| key.error(error.into()))?;
    Ok(TokenSigner::new(signing_key, account, api_key))
}
