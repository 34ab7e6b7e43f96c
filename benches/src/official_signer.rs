//! Lighter's official signer: the shared library, written in Go, that its Python SDK calls.

mod transactions;

use std::{
    env,
    ffi::{CStr, CString, c_char, c_int, c_longlong, c_void},
    mem::ManuallyDrop,
    path::Path,
};

use keyward_lighter::{AccountIndex, ApiKeyIndex, ChainId, UnixSeconds};
use libloading::Library;

pub use self::transactions::{OfficialTransaction, RawAttributes, Sender};

/// The environment variable that names the signer's shared library.
///
/// The library is `lighter/signers/lighter-signer-<system>-<architecture>.so` of the PyPI package `lighter-sdk`.
pub const SIGNER_VARIABLE: &str = "KEYWARD_LIGHTER_SIGNER";

/// The official signer, loaded into this process.
///
/// Its clients (one for an account and a slot) live in the library and are common to all values of this type; the library
/// guards them by a mutex, so that it may be called from several threads (lighter-go, `client/client.go`).
/// The C interface is that of `lighter-signer-linux-amd64.h`, which lies beside the library.
#[derive(Debug)]
pub struct OfficialSigner {
    generate_api_key: unsafe extern "C" fn() -> RawKeyPair,
    create_client: unsafe extern "C" fn(
        url: *const c_char,
        private_key: *const c_char,
        chain_id: c_int,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> *mut c_char,
    create_auth_token:
        unsafe extern "C" fn(deadline: c_longlong, api_key_index: c_int, account_index: c_longlong) -> RawToken,
    transactions: transactions::Functions,
    free: unsafe extern "C" fn(*mut c_void),
}

impl OfficialSigner {
    /// Loads the library that [`SIGNER_VARIABLE`] names; `None` if the variable is not set.
    ///
    /// # Errors
    /// As [`OfficialSigner::load`].
    pub fn from_env() -> Result<Option<Self>, SignerError> {
        env::var_os(SIGNER_VARIABLE).map(|path| Self::load(path.as_ref())).transpose()
    }

    /// Loads the library at `path`, for the rest of the process' life: a Go runtime cannot be unloaded.
    ///
    /// # Errors
    /// No such file, not a library for this machine, or a library without the functions used here.
    pub fn load(path: &Path) -> Result<Self, SignerError> {
        #[expect(unsafe_code, reason = "a shared library is foreign code")]
        // SAFETY: the caller names Lighter's signer. Its initialisation starts a Go runtime, which asks nothing of its
        // host; it is never unloaded, so no termination routine runs and the function pointers stay valid. The types
        // of the functions are those of the header beside the library.
        unsafe {
            let library = ManuallyDrop::new(Library::new(path)?);
            Ok(Self {
                generate_api_key: *library.get(c"GenerateAPIKey")?,
                create_client: *library.get(c"CreateClient")?,
                create_auth_token: *library.get(c"CreateAuthToken")?,
                transactions: transactions::Functions::load(&library)?,
                free: *library.get(c"Free")?,
            })
        }
    }

    /// Makes a random key pair.
    ///
    /// # Errors
    /// Whatever the signer says; none is known.
    pub fn generate_api_key(&self) -> Result<KeyPairText, SignerError> {
        #[expect(unsafe_code, reason = "a call into the shared library")]
        // SAFETY: the function takes nothing, and the library stays loaded.
        let raw = unsafe { (self.generate_api_key)() };
        let [private_key, public_key, error] = [raw.private_key, raw.public_key, raw.error].map(|text| self.take(text));
        outcome(private_key.zip(public_key), error)
            .map(|(private_key, public_key)| KeyPairText { private_key, public_key })
    }

    /// Gives the signer the key of one slot of one account, for Lighter's main network. Does no I/O.
    ///
    /// A second key for the same slot replaces the first.
    ///
    /// # Errors
    /// An account index of 0, which the signer refuses; a private key that is not 40 bytes of hex.
    pub fn create_client(
        &self,
        private_key: &str,
        account_index: AccountIndex,
        api_key_index: ApiKeyIndex,
    ) -> Result<(), SignerError> {
        self.create_client_on(ChainId::MAINNET, private_key, account_index, api_key_index)
    }

    /// [`OfficialSigner::create_client`] for another network: transactions depend on it, tokens do not.
    ///
    /// # Errors
    /// As there.
    pub fn create_client_on(
        &self,
        chain: ChainId,
        private_key: &str,
        account_index: AccountIndex,
        api_key_index: ApiKeyIndex,
    ) -> Result<(), SignerError> {
        let private_key = CString::new(private_key).map_err(|_| SignerError::Refused("NUL in a key".to_owned()))?;
        #[expect(unsafe_code, reason = "a call into the shared library")]
        // SAFETY: both texts end in NUL and outlive the call, which copies them; the library stays loaded.
        let error = unsafe {
            (self.create_client)(
                c"http://localhost".as_ptr(),
                private_key.as_ptr(),
                chain.as_u32().cast_signed(),
                api_key_index.as_u8().into(),
                account_number(account_index),
            )
        };
        outcome(Some(()), self.take(error))
    }

    /// Makes an auth token with the key that [`OfficialSigner::create_client`] was given for this account and slot.
    ///
    /// For a deadline of 0 the signer takes seven hours from its own clock's now.
    ///
    /// # Errors
    /// No key for this account and slot.
    pub fn create_auth_token(
        &self,
        deadline: UnixSeconds,
        account_index: AccountIndex,
        api_key_index: ApiKeyIndex,
    ) -> Result<String, SignerError> {
        #[expect(unsafe_code, reason = "a call into the shared library")]
        // SAFETY: the function takes three numbers, and the library stays loaded.
        let raw = unsafe {
            (self.create_auth_token)(
                // At most 2^63 - 1.
                deadline.as_secs().cast_signed(),
                api_key_index.as_u8().into(),
                account_number(account_index),
            )
        };
        let [token, error] = [raw.token, raw.error].map(|text| self.take(text));
        outcome(token, error)
    }

    /// Copies a text that the signer allocated and gives its memory back; `None` for a null pointer.
    fn take(&self, text: *mut c_char) -> Option<String> {
        if text.is_null() {
            return None;
        }
        #[expect(unsafe_code, reason = "the text lies in memory of the shared library")]
        // SAFETY: every pointer handed to this function was just returned by the signer, which allocated it for its caller
        // alone and ended it in NUL; it is freed once, by the function meant for it, after the copy.
        let copy = unsafe {
            let copy = CStr::from_ptr(text).to_string_lossy().into_owned();
            (self.free)(text.cast());
            copy
        };
        Some(copy)
    }
}

/// The signer's answer: its error if there is one, else the value, which must be there.
fn outcome<T>(value: Option<T>, error: Option<String>) -> Result<T, SignerError> {
    match (value, error) {
        (_, Some(error)) => Err(SignerError::Refused(error)),
        (Some(value), None) => Ok(value),
        (None, None) => Err(SignerError::Refused("no answer".to_owned())),
    }
}

/// The account index as the signer takes it: below 2^48, so it fits.
fn account_number(account_index: AccountIndex) -> c_longlong {
    account_index.as_u64().cast_signed()
}

/// A key pair as the official signer prints it: `0x` and 80 hex digits each. For throw-away keys only: nothing is wiped.
#[derive(Clone)]
pub struct KeyPairText {
    /// The private key.
    pub private_key: String,
    /// The public key.
    pub public_key: String,
}

/// Why the official signer gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The shared library is absent or not the signer.
    #[error("cannot load the official signer")]
    Load(#[from] libloading::Error),
    /// The signer's own words.
    #[error("the official signer refused: {0}")]
    Refused(String),
}

/// `ApiKeyResponse` of the C header.
#[repr(C)]
struct RawKeyPair {
    private_key: *mut c_char,
    public_key: *mut c_char,
    error: *mut c_char,
}

/// `StrOrErr` of the C header.
#[repr(C)]
struct RawToken {
    token: *mut c_char,
    error: *mut c_char,
}
