//! Accounts by owner and by index, as the venue lists them.

use keyward_lighter::ApiCode;
use keyward_lighter_sandbox::{NotFoundStatus, VenueSettings};
use serde_json::json;

use crate::workbench::{FUND, MAIN, POOL, SLOT, START, SUB, Workbench, assert_code, assert_refused, key, owner};

#[test]
fn accounts_of_an_owner_are_listed_main_account_first() {
    let bench = Workbench::new();
    let address = owner().address().to_string();
    let upper = format!("0x{}", address[2..].to_ascii_uppercase());
    for text in [&address, &address.to_ascii_lowercase(), &upper, &address.replace('F', "f")] {
        let accounts = bench.venue.accounts_by_l1_address(text).unwrap();
        assert_eq!(accounts.l1_address, address);
        let listed = accounts.sub_accounts.iter().map(|account| (account.index.as_u64(), account.account_type));
        assert_eq!(listed.collect::<Vec<_>>(), [(MAIN, 0), (SUB, 1), (POOL, 2), (FUND, 3)]);
    }
}

#[test]
fn account_has_the_members_of_the_live_venue() {
    let bench = Workbench::new();
    let accounts = bench.venue.accounts_by_l1_address(&owner().address().to_string()).unwrap();
    let body = serde_json::to_value(accounts).unwrap();
    assert_eq!(body["code"], 200);
    assert_eq!(
        body["sub_accounts"][0],
        json!({
            "code": 0, "account_type": 0, "index": MAIN, "l1_address": owner().address().to_string(),
            "cancel_all_time": 0, "total_order_count": 0, "total_isolated_order_count": 0, "pending_order_count": 0,
            "available_balance": "", "status": 0, "collateral": "1945.003244", "transaction_time": 0,
            "account_trading_mode": 0,
        })
    );
}

#[test]
fn account_in_full_has_every_scalar_and_empty_lists() {
    let bench = Workbench::new();
    bench.register(MAIN, SLOT, &key(1));
    let body = serde_json::to_value(bench.venue.account_by_index(MAIN as i64).unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "code": 200, "total": 1, "next_cursor": "",
            "accounts": [{
                "code": 0, "account_type": 0, "index": MAIN, "l1_address": owner().address().to_string(),
                "cancel_all_time": 0, "total_order_count": 0, "total_isolated_order_count": 0,
                "pending_order_count": 0, "available_balance": "", "status": 0, "collateral": "1945.003244",
                "transaction_time": START * 1_000_000, "account_trading_mode": 0,
                "account_index": MAIN, "name": "Main", "description": "", "can_invite": true,
                "referral_points_percentage": "", "positions": [], "assets": [], "total_asset_value": "1945.003244",
                "cross_asset_value": "1945.003244", "shares": [], "created_at": START, "can_rfq": false,
                "cross_initial_margin_requirement": "0.000000", "cross_maintenance_margin_requirement": "0.000000",
                "can_rfq_market_ids": [], "metadata": {"color": ""}, "agent_enabled": false,
            }],
        })
    );
    let all = bench.venue.account_by_l1_address(&owner().address().to_string()).unwrap();
    assert_eq!((all.total, all.accounts.len()), (4, 4));
}

#[test]
fn unknown_account_has_one_code_by_address_and_another_by_index() {
    let bench = Workbench::new();
    let nobody = "0x0000000000000000000000000000000000000001";
    assert_code(bench.venue.accounts_by_l1_address(nobody), ApiCode::ACCOUNT_NOT_FOUND);
    assert_code(bench.venue.account_by_l1_address(nobody), ApiCode::ACCOUNT_NOT_FOUND);
    assert_code(bench.venue.account_by_index(6), ApiCode::NOT_FOUND);
    for index in [-1, i64::MIN, (1 << 48) - 1] {
        assert_code(bench.venue.account_by_index(index), ApiCode::INVALID_ACCOUNT_INDEX);
    }
}

#[test]
fn text_that_is_no_address_is_an_invalid_parameter() {
    let bench = Workbench::new();
    let message = "invalid param : l1_address must be 0x and 40 hexadecimal digits";
    for text in ["", "0x", "5", &owner().address().to_string()[2..], "0xg39Fd6e51aad88F6F4ce6aB8827279cffFb92266"] {
        assert_refused(bench.venue.accounts_by_l1_address(text), 400, ApiCode::INVALID_PARAM, message);
        assert_refused(bench.venue.account_by_l1_address(text), 400, ApiCode::INVALID_PARAM, message);
    }
}

#[test]
fn status_of_what_is_not_found_can_be_200_as_recorded() {
    let settings = VenueSettings { not_found_status: NotFoundStatus::Ok, ..VenueSettings::default() };
    let bench = Workbench::with_settings(settings);
    let nobody = "0x0000000000000000000000000000000000000001";
    let message = "account not found";
    let by_address = bench.venue.accounts_by_l1_address(nobody);
    assert_refused(by_address, 200, ApiCode::ACCOUNT_NOT_FOUND, message);
    assert_refused(bench.venue.account_by_l1_address(nobody), 200, ApiCode::ACCOUNT_NOT_FOUND, message);
    assert_refused(bench.venue.api_keys(5, 255), 200, ApiCode::API_KEY_NOT_FOUND, "api key not found");
    assert_refused(bench.venue.account_by_index(6), 400, ApiCode::NOT_FOUND, "not found");
    assert_refused(bench.venue.send_tx(8, "{}"), 400, ApiCode::INVALID_TX_INFO, "invalid tx info");
}
