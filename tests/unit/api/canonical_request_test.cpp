#include "api/canonical_request.hpp"

#include "base/digest.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::api;

namespace {

constexpr const char* empty_digest =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

RequestHeader asking(const char* method, const std::string& target) {
    RequestHeader header;
    header.method_string(method);
    header.target(target);
    header.set("Host", "127.0.0.1:8080");
    header.set("X-Sdk-Date", "20260101T000000Z");
    return header;
}

/// The second and third line: path and query.
std::string path_and_query(const std::string& target) {
    const std::string text = *canonical_request(asking("GET", target), "", "host");
    const std::size_t begin = text.find('\n') + 1;
    return text.substr(begin, text.find("\nhost:") - begin);
}

std::string fault_of(const RequestHeader& header, const std::string& names) {
    const auto canonical = canonical_request(header, "", names);
    BOOST_TEST_REQUIRE(canonical.has_error());
    return canonical.error().text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(canonical_requests)

// The vectors of the contract, made with the platform's own SDK.
BOOST_AUTO_TEST_CASE(a_post_is_that_of_the_contract) {
    RequestHeader header = asking("POST", "/v5/iot/p0001/devices/dev-1/messages");
    header.set("Content-Type", "application/json");
    const auto text =
        canonical_request(header, R"({"message":"HelloWorld"})", "content-type;host;x-sdk-date");
    BOOST_TEST(*text ==
               "POST\n/v5/iot/p0001/devices/dev-1/messages/\n\ncontent-type:application/json\n"
               "host:127.0.0.1:8080\nx-sdk-date:20260101T000000Z\n\ncontent-type;host;x-sdk-date\n"
               "475e2a60103008fed3a764aebab8ed18f3650cd2d76321b5ca327c0164597bfd");
    BOOST_TEST(sha256_hex(*text) ==
               "b54269a424b68e375d84cd50c891fe61adda6b371339c3f636ed94c1099e930e");
}

BOOST_AUTO_TEST_CASE(a_path_is_decoded_and_encoded_and_ends_in_a_slash) {
    BOOST_TEST(path_and_query("/") == "/\n");
    BOOST_TEST(path_and_query("/a") == "/a/\n");
    BOOST_TEST(path_and_query("/a/") == "/a/\n");
    BOOST_TEST(path_and_query("/a//b") == "/a//b/\n");
    BOOST_TEST(path_and_query("/a~b-c.d_e") == "/a~b-c.d_e/\n");
    BOOST_TEST(path_and_query("/a%7eb") == "/a~b/\n");
    BOOST_TEST(path_and_query("/a+b%20c") == "/a%2Bb%20c/\n");
    BOOST_TEST(path_and_query("/a%2Fb") == "/a/b/\n");
    BOOST_TEST(path_and_query("/%e4%b8%ad") == "/%E4%B8%AD/\n");
    BOOST_TEST(path_and_query("/a:b@c!$&'()*,;=") == "/a%3Ab%40c%21%24%26%27%28%29%2A%2C%3B%3D/\n");
    BOOST_TEST(path_and_query("http://hub:80/a?b=c") == "/a/\nb=c");
    BOOST_TEST(path_and_query("http://hub:80") == "/\n");
    BOOST_TEST(path_and_query("/100%") == "/100%25/\n");
}

BOOST_AUTO_TEST_CASE(a_query_is_sorted_by_name_then_value_and_loses_nothing) {
    BOOST_TEST(path_and_query("/?b=2&a=1") == "/\na=1&b=2");
    BOOST_TEST(path_and_query("/?a=2&a=10&a=") == "/\na=&a=10&a=2");
    BOOST_TEST(path_and_query("/?key") == "/\nkey=");
    BOOST_TEST(path_and_query("/?a=b=c&&") == "/\na=b%3Dc");
    BOOST_TEST(path_and_query("/?a=b+c%2Bd%2fe~") == "/\na=b%20c%2Bd%2Fe~");
    BOOST_TEST(path_and_query("/?%E4%B8%AD=%26") == "/\n%E4%B8%AD=%26");
    BOOST_TEST(path_and_query("/?") == "/\n");
    BOOST_TEST(path_and_query("/?a=%2") == "/\na=%252");
}

BOOST_AUTO_TEST_CASE(headers_are_those_that_were_signed_as_they_arrived) {
    RequestHeader header = asking("GET", "/");
    header.set("X-Thing", " \ta  b ");
    header.set("x_thing", "not signed");
    BOOST_TEST(*canonical_request(header, "", "host;x-thing") ==
               std::string{"GET\n/\n\nhost:127.0.0.1:8080\nx-thing:a  b\n\nhost;x-thing\n"} +
                   empty_digest);
    BOOST_TEST(fault_of(header, "host;x-other") ==
               "the header \"x-other\" is signed, and did not arrive");
    header.insert("X-Thing", "again");
    BOOST_TEST(fault_of(header, "host;x-thing") ==
               "the header \"x-thing\" is signed, and arrived twice");
}

BOOST_AUTO_TEST_CASE(as_many_headers_as_allowed_may_be_signed_and_no_more) {
    RequestHeader header = asking("GET", "/");
    std::string names = "host";
    for (std::size_t i = 1; i < signed_headers_max; ++i) {
        header.set("x-" + std::to_string(i), "v");
        names += ";x-" + std::to_string(i);
    }
    BOOST_TEST(canonical_request(header, "", names).has_value());
    BOOST_TEST(fault_of(header, names + ";host") == "more than 64 headers are signed");
}

BOOST_AUTO_TEST_CASE(only_what_is_no_json_may_have_an_unsigned_body) {
    RequestHeader header = asking("POST", "/");
    header.set("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
    header.set("Content-Type", "multipart/form-data; boundary=x");
    BOOST_TEST(
        canonical_request(header, "a", "host")->ends_with("\nhost\nUNSIGNED-PAYLOAD"));
    for (const char* type : {"application/json", "Application/JSON; charset=utf-8"}) {
        header.set("Content-Type", type);
        BOOST_TEST(fault_of(header, "host").starts_with("a body of JSON has to be signed"), type);
    }
}

BOOST_AUTO_TEST_CASE(a_digest_that_is_said_must_be_that_of_the_body) {
    RequestHeader header = asking("GET", "/");
    header.set("X-Sdk-Content-Sha256", empty_digest);
    BOOST_TEST(canonical_request(header, "", "host").has_value());
    header.set("X-Sdk-Content-Sha256", std::string(64, '0'));
    BOOST_TEST(fault_of(header, "host") ==
               "X-Sdk-Content-Sha256 is not the SHA-256 of the body that arrived");
}

BOOST_AUTO_TEST_SUITE_END()
