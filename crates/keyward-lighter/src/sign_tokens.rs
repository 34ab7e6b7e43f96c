use core::array;

use keyward_goldilocks::Fp5;
use keyward_schnorr::{MessageHash, sign_batch};
use keyward_time::UnixSeconds;
use keyward_token::{AuthTokenMessage, AuthTokenText};
use rand_core::TryCryptoRng;

use crate::TokenSigner;
use crate::signer::message_hashes;

/// How many messages are hashed at the same time.
const LANES: usize = 8;

/// Makes a token for each signer and deadline, and hands the tokens to `each` in the order of `requests`.
///
/// It takes less time than [`TokenSigner::sign`] for one after the other, for any mix of signers; least in multiples of
/// eight. Deadlines are to be as there.
///
/// # Errors
/// - the generator's own, if it fails; `each` has then got some of the tokens
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward_lighter::{AccountIndex, ApiKeyIndex, SysRng, TokenSigner, UnixSeconds, parse_private_key, sign_tokens};
///
/// # let text = "0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c";
/// let signers = [5, 6].map(|account| {
///     let key = parse_private_key(text).expect("a private key");
///     TokenSigner::new(key, AccountIndex::new(account).expect("an account"), ApiKeyIndex::READ_ONLY_AUTH)
/// });
/// let deadline = UnixSeconds::new(1_795_248_000)?;
/// let requests = [(&signers[0], deadline), (&signers[1], deadline)];
/// let mut tokens = Vec::with_capacity(requests.len());
/// sign_tokens(&requests, &mut SysRng, |token| tokens.push(token))?;
/// assert!(tokens[1].expose_secret().starts_with("1795248000:6:253:"));
/// # Ok(())
/// # }
/// ```
pub fn sign_tokens<R: TryCryptoRng + ?Sized>(
    requests: &[(&TokenSigner, UnixSeconds)],
    rng: &mut R,
    mut each: impl FnMut(AuthTokenText),
) -> Result<(), R::Error> {
    for requests in requests.chunks(LANES) {
        // One alone has no use for the others' lanes.
        if let [(signer, deadline)] = requests {
            each(signer.sign(*deadline, rng)?);
            continue;
        }
        let count = requests.len();
        // Lanes without a request repeat the last one, and are left out below.
        let request = |lane: usize| requests[lane.min(count - 1)];
        let messages: [AuthTokenMessage; LANES] = array::from_fn(|lane| {
            let (signer, deadline) = request(lane);
            signer.message(deadline)
        });
        let texts = messages.each_ref().map(AuthTokenMessage::as_bytes);
        let mut hashes = [MessageHash::new(Fp5::ZERO); LANES];
        message_hashes(&texts[..count], &mut hashes[..count]);
        let keyed: [_; LANES] = array::from_fn(|lane| (request(lane).0.signing_key(), hashes[lane]));
        let mut lane = 0;
        sign_batch(&keyed[..count], rng, |signature| {
            each(messages[lane].with_signature(&signature.to_bytes()));
            lane += 1;
        })?;
    }
    Ok(())
}
