#include "api/signature.hpp"

#include "api/contract_time.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;

namespace {

AppKey key_with(std::string secret) {
    AppKeyFacts facts;
    facts.key_id = "TESTAK";
    facts.secret = std::move(secret);
    return AppKey{std::move(facts)};
}

const WallTime signed_at = parse_contract_time("20260101T000000Z").value();
constexpr std::string_view names = ", SignedHeaders=content-type;host;x-sdk-date, Signature=";
constexpr std::string_view plain = "SDK-HMAC-SHA256 Access=TESTAK";
constexpr std::string_view derived = "V11-HMAC-SHA256 Credential=TESTAK/20260101/cn-north-4/iotdm";

/// The two requests of the contract's vectors, with a signature.
struct Signed {
    RequestHeader header;
    std::string body;

    Signed(const char* method, const char* target, std::string given_body)
        : body(std::move(given_body)) {
        header.method_string(method);
        header.target(target);
        header.set("Host", "127.0.0.1:8080");
        header.set("Content-Type", "application/json");
        header.set("X-Sdk-Date", "20260101T000000Z");
    }

    [[nodiscard]] std::string fault(std::string_view scheme, std::string_view digits,
                                    WallTime now = signed_at,
                                    const std::string& secret = "TESTSK") const {
        const std::string authorization = std::string{scheme}.append(names).append(digits);
        BOOST_TEST_REQUIRE(is_signature(authorization));
        const auto signature = parse_signature(authorization);
        if (signature.has_error()) return signature.error();
        return find_fault(*signature, header, body, key_with(secret), now).value_or("");
    }
};

Signed first() {
    return {"POST", "/v5/iot/p0001/devices/dev-1/messages", R"({"message":"HelloWorld"})"};
}
Signed second() {
    return {"GET",
            "/v5/iot/p0001/devices?device_name=a%2Bb~c%2F%E4%B8%AD&limit=10&product_id=p%20x", ""};
}

constexpr const char* first_plain =
    "90a15ff9abb34055a833c4d1fffa10bfeb9736b4ee7dde787d23850b8367d70b";
constexpr const char* second_plain =
    "ab02c86675c791df519f9e10dccda13304f0632a8b7fce90c93fa5b1018fec24";
constexpr const char* first_derived =
    "d5202eacf4d21d6f1b30b08afe6ca4cbd6685044dc1346dd0c435a93874fd2ed";
constexpr const char* second_derived =
    "c2f5a1c2fa0ca55463e4e94b0f21408fad23312ded3f1a130a3964f2404bdd9a";

std::string parse_fault(const std::string& authorization) {
    const auto parsed = parse_signature(authorization);
    BOOST_TEST_REQUIRE(parsed.has_error(), authorization);
    return parsed.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signatures)

// The vectors of the contract, made with the platform's own SDK.
BOOST_AUTO_TEST_CASE(signatures_of_the_contract_are_right) {
    BOOST_TEST(first().fault(plain, first_plain) == "");
    BOOST_TEST(second().fault(plain, second_plain) == "");
    BOOST_TEST(first().fault(derived, first_derived) == "");
    BOOST_TEST(second().fault(derived, second_derived) == "");
}

BOOST_AUTO_TEST_CASE(another_request_secret_or_scheme_is_wrong_and_told_its_digest) {
    BOOST_TEST(first().fault(plain, second_plain) ==
               "verify aksk signature fail; the SHA-256 of the CanonicalRequest that arrived is "
               "b54269a424b68e375d84cd50c891fe61adda6b371339c3f636ed94c1099e930e");
    const auto is_wrong = [](const std::string& fault) {
        return fault.starts_with("verify aksk signature fail");
    };
    BOOST_TEST(is_wrong(first().fault(plain, first_plain, signed_at, "TESTSJ")));
    BOOST_TEST(is_wrong(first().fault(plain, first_derived)));
    BOOST_TEST(is_wrong(first().fault(derived, first_plain)));
    BOOST_TEST(is_wrong(first().fault(plain, std::string{first_plain}.substr(1))));
    BOOST_TEST(is_wrong(first().fault("V11-HMAC-SHA256 Credential=TESTAK/20260101/cn-north-1/iotdm",
                                      first_derived)));
    Signed changed = first();
    changed.body += ' ';
    BOOST_TEST(is_wrong(changed.fault(plain, first_plain)));
    Signed other_host = first();
    other_host.header.set("Host", "127.0.0.1");
    BOOST_TEST(is_wrong(other_host.fault(plain, first_plain)));
}

BOOST_AUTO_TEST_CASE(the_clock_may_be_fifteen_minutes_off_and_no_more) {
    for (const Seconds off : {signature_tolerance, -signature_tolerance}) {
        BOOST_TEST(first().fault(plain, first_plain, signed_at + off) == "");
    }
    for (const Milliseconds off : {Milliseconds{signature_tolerance} + Milliseconds{1},
                                   -Milliseconds{signature_tolerance} - Milliseconds{1}}) {
        const std::string fault = first().fault(plain, first_plain, signed_at + off);
        BOOST_TEST(fault.starts_with("the request was signed at 20260101T000000Z and it is "));
    }
    Signed undated = first();
    undated.header.set("X-Sdk-Date", "Thu, 01 Jan 2026 00:00:00 GMT");
    BOOST_TEST(undated.fault(plain, first_plain) ==
               "the header X-Sdk-Date must be a UTC time as 20260131T120000Z");
}

BOOST_AUTO_TEST_CASE(a_derived_key_is_for_the_day_of_the_request) {
    for (const char* day : {"20251231", "2026010", "202601011", "x"}) {
        const std::string scheme =
            "V11-HMAC-SHA256 Credential=TESTAK/" + std::string{day} + "/cn-north-4/iotdm";
        BOOST_TEST(first().fault(scheme, first_derived) ==
                   "the date of Credential is not that of X-Sdk-Date");
    }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named) {
    const std::string rest = ", SignedHeaders=host;x-sdk-date, Signature=00";
    BOOST_TEST(parse_fault("SDK-HMAC-SHA256 Acces=x" + rest) ==
               "the header Authorization has no Access=");
    BOOST_TEST(parse_fault("SDK-HMAC-SHA256 Access=x, Signature=00") ==
               "the header Authorization has no SignedHeaders=");
    BOOST_TEST(parse_fault("SDK-HMAC-SHA256 Access=x, SignedHeaders=host;x-sdk-date") ==
               "the header Authorization has no Signature=");
    BOOST_TEST(parse_fault("SDK-HMAC-SHA256 Access=x, SignedHeaders=host, Signature=0") ==
               "SignedHeaders must contain x-sdk-date");
    BOOST_TEST(
        parse_fault("SDK-HMAC-SHA256 Access=x, SignedHeaders=x-sdk-date;hosts, Signature=0") ==
        "SignedHeaders must contain host");
    for (const char* credential :
         {"x", "x/20260101", "x/20260101/r", "x/20260101/r/s/t", "x//r/s", "x/20260101/r/"}) {
        BOOST_TEST(parse_fault("V11-HMAC-SHA256 Credential=" + std::string{credential} + rest) ==
                   "Credential must be {AK}/{YYYYMMDD}/{region}/{service}");
    }
    BOOST_TEST(
        parse_signature("SDK-HMAC-SHA256 Signature=00,Access=x,SignedHeaders=x-sdk-date;host")
            .has_value());
}

BOOST_AUTO_TEST_CASE(other_schemes_are_none_of_ours) {
    for (const char* other : {"", "Basic eA==", "SDK-HMAC-SM3 Access=x", "SDK-HMAC-SHA256",
                              "SDK-HMAC-SHA2567 Access=x", "sdk-hmac-sha256 Access=x"}) {
        BOOST_TEST(!is_signature(other), other);
    }
}

BOOST_AUTO_TEST_SUITE_END()
