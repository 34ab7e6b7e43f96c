//! Transactions of the official signer. It chooses itself when they expire: ten minutes from now, less a second.

use std::ffi::{CString, c_char, c_int, c_longlong};

use keyward_lighter::{
    AccountIndex, Action, ApiKeyIndex, AttributeType, Attributes, CancelAllOrders, Nonce, NonceMode, OrderFields, Side,
    Transaction, public_key_text,
};
use libloading::Library;

use super::{OfficialSigner, SignerError, account_number, outcome};

/// A transaction as the official signer hands it out.
#[derive(Clone, Debug)]
pub struct OfficialTransaction {
    /// Its type.
    pub tx_type: u8,
    /// Its JSON.
    pub tx_info: String,
    /// Its hash, 80 hex digits.
    pub tx_hash: String,
    /// The text that an Ethereum account is to sign, if one is.
    pub message_to_sign: Option<String>,
}

/// Who makes a transaction, and its number.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// The account.
    pub account_index: AccountIndex,
    /// The slot.
    pub api_key_index: ApiKeyIndex,
    /// The nonce.
    pub nonce: Nonce,
}

/// What the attributes of new and modified orders are to the signer: plain numbers, of which it takes what it likes.
#[derive(Clone, Copy, Debug)]
pub struct RawAttributes {
    /// Type 1.
    pub integrator_account_index: i64,
    /// Type 2.
    pub integrator_taker_fee: i32,
    /// Type 3.
    pub integrator_maker_fee: i32,
    /// Type 6.
    pub self_trade_behavior: u8,
    /// Type 7.
    pub self_trade_equality: u8,
    /// Type 4.
    pub skip_nonce: u8,
}

impl From<&Attributes> for RawAttributes {
    fn from(attributes: &Attributes) -> Self {
        let number = |kind| i64::try_from(attributes.get(kind).unwrap_or(0)).expect("below 2^48");
        let small = |kind| u8::try_from(number(kind)).expect("at most 3");
        let fee = |kind| i32::try_from(number(kind)).expect("at most a million");
        Self {
            integrator_account_index: number(AttributeType::IntegratorAccountIndex),
            integrator_taker_fee: fee(AttributeType::IntegratorTakerFee),
            integrator_maker_fee: fee(AttributeType::IntegratorMakerFee),
            self_trade_behavior: small(AttributeType::SelfTradeBehavior),
            self_trade_equality: small(AttributeType::SelfTradeEquality),
            skip_nonce: small(AttributeType::SkipNonce),
        }
    }
}

impl OfficialSigner {
    /// Signs a transaction with the key that [`OfficialSigner::create_client`] was given for its account and slot; its
    /// instant of expiry is passed over.
    ///
    /// # Errors
    /// What the signer refuses.
    ///
    /// # Panics
    /// If the transaction is of a type, or has an attribute, that the signer's function for it does not take.
    pub fn sign(&self, transaction: &Transaction) -> Result<OfficialTransaction, SignerError> {
        let sender = Sender {
            account_index: transaction.account_index(),
            api_key_index: transaction.api_key_index(),
            nonce: transaction.nonce(),
        };
        let attributes = transaction.attributes();
        let skip_nonce = (attributes.nonce_mode() == NonceMode::Skip).into();
        let (nonce, slot, account) = sender.numbers();
        let functions = &self.transactions;
        let raw = match transaction.action() {
            Action::CreateOrder(order) => {
                return self.sign_create_order(sender, order.fields(), RawAttributes::from(attributes));
            }
            Action::ChangePubKey(change) => {
                let key = CString::new(public_key_text(&change.public_key)).expect("hex digits");
                #[expect(unsafe_code, reason = "a call into the shared library")]
                // SAFETY: the text ends in NUL and outlives the call, which copies it; the library stays loaded.
                unsafe {
                    (functions.change_pub_key)(key.as_ptr(), skip_nonce, nonce, slot, account)
                }
            }
            Action::CancelOrder(order) => {
                let (market, index) = (signed(order.market_index.as_u64()), signed(order.index.as_u64()));
                #[expect(unsafe_code, reason = "a call into the shared library")]
                // SAFETY: the function takes numbers, and the library stays loaded.
                unsafe {
                    (functions.cancel_order)(market, index, skip_nonce, nonce, slot, account)
                }
            }
            Action::CancelAllOrders(cancel) => return self.sign_cancel_all_orders(sender, *cancel, attributes),
            Action::ModifyOrder(order) => {
                let raw = RawAttributes::from(attributes);
                #[expect(unsafe_code, reason = "a call into the shared library")]
                // SAFETY: the function takes numbers, and the library stays loaded.
                unsafe {
                    (functions.modify_order)(
                        signed(order.market_index.as_u64()),
                        signed(order.index.as_u64()),
                        signed(order.base_amount.as_u64()),
                        order.price.get().into(),
                        order.trigger_price.map_or(0, |price| price.get().into()),
                        raw.integrator_account_index,
                        raw.integrator_taker_fee,
                        raw.integrator_maker_fee,
                        raw.self_trade_behavior,
                        raw.self_trade_equality,
                        raw.skip_nonce,
                        nonce,
                        signed(attributes.get(AttributeType::OrderVersion).unwrap_or(0)),
                        slot,
                        account,
                    )
                }
            }
            other => panic!("the official signer is not asked for a {other:?}"),
        };
        self.take_signed(raw)
    }

    /// Signs a new order, whether or not its fields and attributes are valid.
    ///
    /// # Errors
    /// What the signer refuses.
    pub fn sign_create_order(
        &self,
        sender: Sender,
        order: &OrderFields,
        attributes: RawAttributes,
    ) -> Result<OfficialTransaction, SignerError> {
        let (nonce, slot, account) = sender.numbers();
        #[expect(unsafe_code, reason = "a call into the shared library")]
        // SAFETY: the function takes numbers, and the library stays loaded.
        let raw = unsafe {
            (self.transactions.create_order)(
                signed(order.market_index.as_u64()),
                order.client_order_index.map_or(0, |index| signed(index.as_u64())),
                signed(order.base_amount.as_u64()),
                // The signer casts them back.
                order.price.get().cast_signed(),
                (order.side == Side::Ask).into(),
                order.order_type as c_int,
                order.time_in_force as c_int,
                order.reduce_only.into(),
                order.trigger_price.map_or(0, |price| price.get().cast_signed()),
                order.order_expiry.map_or(0, |expiry| signed(expiry.as_instant().as_millis())),
                attributes.integrator_account_index,
                attributes.integrator_taker_fee,
                attributes.integrator_maker_fee,
                attributes.self_trade_behavior,
                attributes.self_trade_equality,
                attributes.skip_nonce,
                nonce,
                slot,
                account,
            )
        };
        self.take_signed(raw)
    }

    /// Signs the cancellation of all orders, whether or not it goes with its attributes.
    ///
    /// # Errors
    /// What the signer refuses.
    pub fn sign_cancel_all_orders(
        &self,
        sender: Sender,
        cancel: CancelAllOrders,
        attributes: &Attributes,
    ) -> Result<OfficialTransaction, SignerError> {
        let (nonce, slot, account) = sender.numbers();
        let (time_in_force, time) = match cancel {
            CancelAllOrders::Immediate => (0, 0),
            CancelAllOrders::Scheduled(time) => (1, signed(time.as_instant().as_millis())),
            CancelAllOrders::Abort => (2, 0),
        };
        let market = signed(attributes.get(AttributeType::CancelAllMarketIndex).unwrap_or(255));
        let skip_nonce = (attributes.nonce_mode() == NonceMode::Skip).into();
        #[expect(unsafe_code, reason = "a call into the shared library")]
        // SAFETY: the function takes numbers, and the library stays loaded.
        let raw = unsafe {
            (self.transactions.cancel_all_orders)(time_in_force, time, market, skip_nonce, nonce, slot, account)
        };
        self.take_signed(raw)
    }

    fn take_signed(&self, raw: RawSigned) -> Result<OfficialTransaction, SignerError> {
        let [tx_info, tx_hash, message_to_sign, error] =
            [raw.tx_info, raw.tx_hash, raw.message_to_sign, raw.error].map(|text| self.take(text));
        outcome(tx_info.zip(tx_hash), error).map(|(tx_info, tx_hash)| OfficialTransaction {
            tx_type: raw.tx_type,
            tx_info,
            tx_hash,
            message_to_sign,
        })
    }
}

impl Sender {
    fn numbers(&self) -> (c_longlong, c_int, c_longlong) {
        (signed(self.nonce.as_u64()), self.api_key_index.as_u8().into(), account_number(self.account_index))
    }
}

/// All numbers of transactions are below 2^63.
fn signed(number: u64) -> c_longlong {
    number.cast_signed()
}

/// The signer's functions, with the types of the header.
#[derive(Debug)]
pub(super) struct Functions {
    change_pub_key: unsafe extern "C" fn(
        public_key: *const c_char,
        skip_nonce: u8,
        nonce: c_longlong,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> RawSigned,
    create_order: unsafe extern "C" fn(
        market_index: c_longlong,
        client_order_index: c_longlong,
        base_amount: c_longlong,
        price: c_int,
        is_ask: c_int,
        order_type: c_int,
        time_in_force: c_int,
        reduce_only: c_int,
        trigger_price: c_int,
        order_expiry: c_longlong,
        integrator_account_index: c_longlong,
        integrator_taker_fee: c_int,
        integrator_maker_fee: c_int,
        self_trade_behavior: u8,
        self_trade_equality: u8,
        skip_nonce: u8,
        nonce: c_longlong,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> RawSigned,
    cancel_order: unsafe extern "C" fn(
        market_index: c_longlong,
        index: c_longlong,
        skip_nonce: u8,
        nonce: c_longlong,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> RawSigned,
    cancel_all_orders: unsafe extern "C" fn(
        time_in_force: c_int,
        time: c_longlong,
        market_index: c_longlong,
        skip_nonce: u8,
        nonce: c_longlong,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> RawSigned,
    modify_order: unsafe extern "C" fn(
        market_index: c_longlong,
        index: c_longlong,
        base_amount: c_longlong,
        price: c_longlong,
        trigger_price: c_longlong,
        integrator_account_index: c_longlong,
        integrator_taker_fee: c_int,
        integrator_maker_fee: c_int,
        self_trade_behavior: u8,
        self_trade_equality: u8,
        skip_nonce: u8,
        nonce: c_longlong,
        order_version: c_longlong,
        api_key_index: c_int,
        account_index: c_longlong,
    ) -> RawSigned,
}

impl Functions {
    /// Looks the functions up.
    ///
    /// # Safety
    /// The library must be Lighter's signer, and must stay loaded for as long as the functions are called.
    #[expect(unsafe_code, reason = "a shared library is foreign code")]
    pub(super) unsafe fn load(library: &Library) -> Result<Self, SignerError> {
        // SAFETY: the types are those of the header beside the library that the caller has loaded.
        unsafe {
            Ok(Self {
                change_pub_key: *library.get(c"SignChangePubKey")?,
                create_order: *library.get(c"SignCreateOrder")?,
                cancel_order: *library.get(c"SignCancelOrder")?,
                cancel_all_orders: *library.get(c"SignCancelAllOrders")?,
                modify_order: *library.get(c"SignModifyOrder")?,
            })
        }
    }
}

/// `SignedTxResponse` of the C header.
#[repr(C)]
struct RawSigned {
    tx_type: u8,
    tx_info: *mut c_char,
    tx_hash: *mut c_char,
    message_to_sign: *mut c_char,
    error: *mut c_char,
}
