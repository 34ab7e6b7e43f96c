use crate::support::{NOW, Request, SLOT, STANDARD, World, change_pub_key, new_key, token};

const LIMIT: &str = "/api/v1/accountLimits";

#[tokio::test]
async fn multipart_forms_are_taken_wherever_urlencoded_ones_are() {
    let world = World::start().await;
    let tx_info = change_pub_key(&new_key(), STANDARD, 20, 0);
    let sent = world.ask(Request::multipart("/api/v1/sendTx", &[("tx_type", "8"), ("tx_info", &tx_info)])).await;
    assert_eq!(sent.code(), 200, "{:?}", sent.body);

    let expiry = (NOW + 30 * 86_400).to_string();
    let form = [("name", "a b-c_d.e"), ("account_index", "5"), ("expiry", &expiry), ("sub_account_access", "1")];
    let request = Request::multipart("/api/v1/tokens/create", &form).header("Authorization", &token(STANDARD));
    let made = world.ask(request).await;
    assert_eq!((made.code(), &made.body["name"]), (200, &"a b-c_d.e".into()));

    let form = [("token_id", "1"), ("account_index", "5"), ("auth", &token(STANDARD))];
    assert_ne!(world.ask(Request::multipart("/api/v1/tokens/revoke", &form)).await.code(), 20013);
}

#[tokio::test]
async fn truth_values_are_pythons_or_anyones() {
    let world = World::start().await;
    let expiry = (NOW + 30 * 86_400).to_string();
    for (text, truth) in [("True", true), ("False", false), ("true", true), ("false", false), ("1", true), ("0", false)]
    {
        let form = [("name", "t"), ("account_index", "5"), ("expiry", &*expiry), ("sub_account_access", text)];
        let made = world.post_as(&token(STANDARD), "/api/v1/tokens/create", &form).await;
        assert_eq!((made.code(), &made.body["sub_account_access"]), (200, &truth.into()), "{text}");
    }
    let form = [("name", "t"), ("account_index", "5"), ("expiry", &*expiry), ("sub_account_access", "TRUE")];
    let refused = world.post_as(&token(STANDARD), "/api/v1/tokens/create", &form).await;
    assert_eq!(refused.refusal(), (400, 20001, "invalid param : sub_account_access is neither true nor false"));
}

#[tokio::test]
async fn a_bad_parameter_is_named_and_not_repeated() {
    let world = World::start().await;
    let auth = token(STANDARD);
    for (target, message) in [
        ("/api/v1/accountsByL1Address", "invalid param : l1_address is required"),
        ("/api/v1/account", "invalid param : by is required"),
        ("/api/v1/account?by=name&value=5", "invalid param : by is neither index nor l1_address"),
        ("/api/v1/account?by=index", "invalid param : value is required"),
        ("/api/v1/account?by=index&value=x", "invalid param : value is not a whole number"),
        ("/api/v1/account?by=index&value=5&active_only=yes", "invalid param : active_only is neither true nor false"),
        ("/api/v1/apikeys", "invalid param : account_index is required"),
        ("/api/v1/apikeys?account_index=", "invalid param : account_index is not a whole number"),
        ("/api/v1/apikeys?account_index=5.0", "invalid param : account_index is not a whole number"),
        ("/api/v1/apikeys?account_index=9223372036854775808", "invalid param : account_index is not a whole number"),
        ("/api/v1/apikeys?account_index=5&account_index=5", "invalid param : account_index is given more than once"),
        ("/api/v1/apikeys?account_index=5&api_key_index=a", "invalid param : api_key_index is not a whole number"),
        ("/api/v1/nextNonce?account_index=5", "invalid param : api_key_index is required"),
        ("/api/v1/accountLimits", "invalid param : account_index is required"),
        ("/api/v1/accountActiveOrders?account_index=5&market_id=x", "invalid param : market_id is not a whole number"),
    ] {
        let refused = world.get_as(&auth, target).await;
        assert_eq!(refused.refusal(), (400, 20001, message), "{target}");
    }
    let tx_info = change_pub_key(&new_key(), STANDARD, SLOT, 1);
    for (form, message) in [
        (vec![], "invalid param : tx_type is required"),
        (vec![("tx_type", "8")], "invalid param : tx_info is required"),
        (vec![("tx_type", "eight"), ("tx_info", &tx_info)], "invalid param : tx_type is not a whole number"),
        (
            vec![("tx_type", "8"), ("tx_type", "8"), ("tx_info", &tx_info)],
            "invalid param : tx_type is given more than once",
        ),
        (
            vec![("tx_type", "8"), ("tx_info", &tx_info), ("price_protection", "2")],
            "invalid param : price_protection is neither true nor false",
        ),
    ] {
        let refused = world.post("/api/v1/sendTx", &form).await;
        assert_eq!(refused.refusal(), (400, 20001, message));
    }
}

#[tokio::test]
async fn a_token_given_twice_in_one_place_is_refused() {
    let world = World::start().await;
    let auth = token(STANDARD);
    let twice = Request::get("/api/v1/accountLimits?account_index=5");
    let twice = world.ask(twice.header("authorization", &auth).header("Authorization", &auth)).await;
    let message = "invalid param : the Authorization header is given more than once";
    assert_eq!(twice.refusal(), (400, 20001, message));
    let twice = world.get(&format!("{LIMIT}?account_index=5&auth={auth}&auth={auth}")).await;
    assert_eq!(twice.refusal(), (400, 20001, "invalid param : auth is given more than once"));
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let world = World::start().await;
    for (content_type, body, message) in [
        ("application/json", "{\"tx_type\":8}", "the body is not a form, urlencoded or multipart"),
        ("text/plain", "tx_type=8", "the body is not a form, urlencoded or multipart"),
        ("multipart/form-data", "--Xy--\r\n", "the multipart body is malformed"),
        ("multipart/form-data; boundary=Xy", "no boundary here", "the multipart body is malformed"),
        (
            "multipart/form-data; boundary=Xy",
            "--Xy\r\nContent-Disposition: form-data; name=\"tx_type\"\r\n\r\n8",
            "the multipart body is malformed",
        ),
        (
            "multipart/form-data; boundary=Xy",
            "--Xy\r\nContent-Disposition: form-data\r\n\r\n8\r\n--Xy--\r\n",
            "the multipart body is malformed",
        ),
        (
            "multipart/form-data; boundary=Xy",
            &format!(
                "--Xy\r\n{}Content-Disposition: form-data; name=\"a\"\r\n\r\n8\r\n--Xy--\r\n",
                "A: b\r\n".repeat(99)
            ),
            "the multipart body is malformed",
        ),
        (
            "multipart/form-data; boundary=Xy",
            // A form within a form is a text like any other.
            "--Xy\r\nContent-Disposition: form-data; name=\"tx_type\"\r\n\
             Content-Type: multipart/form-data; boundary=Zz\r\n\r\n\
             --Zz\r\nContent-Disposition: form-data; name=\"tx_info\"\r\n\r\n{}\r\n--Zz--\r\n--Xy--\r\n",
            "tx_type is not a whole number",
        ),
        ("application/json", "", "tx_type is required"),
        ("Application/X-WWW-Form-Urlencoded; charset=utf-8", "tx_type=8", "tx_info is required"),
    ] {
        let refused = world.ask(Request::with_body("/api/v1/sendTx", content_type, body.to_owned())).await;
        assert_eq!(refused.refusal(), (400, 20001, format!("invalid param : {message}").as_str()), "{body}");
    }
}

#[tokio::test]
async fn a_flood_of_parameters_is_refused() {
    let world = World::start().await;
    let flood = vec!["a=1"; 33].join("&");
    let refused = world.get(&format!("/api/v1/apikeys?{flood}")).await;
    assert_eq!(refused.refusal(), (400, 20001, "invalid param : more than 32 parameters"));
}
