#include "api/http_url.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(http_url)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
    const auto url = parse_http_url("http://example.com/a/b?c=d%20e");
    BOOST_TEST_REQUIRE(url.has_value());
    BOOST_TEST(!url->is_secure);
    BOOST_TEST(url->host == "example.com");
    BOOST_TEST(url->port == 80);
    BOOST_TEST(url->authority == "example.com");
    BOOST_TEST(url->target == "/a/b?c=d%20e");
    BOOST_TEST(url->origin() == "http://example.com:80");
}

BOOST_AUTO_TEST_CASE(ports_and_addresses_are_said_as_the_host_field_wants_them) {
    const auto secure = parse_http_url("https://example.com");
    BOOST_TEST_REQUIRE(secure.has_value());
    BOOST_TEST(secure->is_secure);
    BOOST_TEST(secure->port == 443);
    BOOST_TEST(secure->target == "/");
    const auto ipv6 = parse_http_url("https://[2001:db8::1]:8443?x");
    BOOST_TEST_REQUIRE(ipv6.has_value());
    BOOST_TEST(ipv6->host == "2001:db8::1");
    BOOST_TEST(ipv6->authority == "[2001:db8::1]:8443");
    BOOST_TEST(ipv6->target == "/?x");
    BOOST_TEST(ipv6->origin() == "https://[2001:db8::1]:8443");
    const auto ipv4 = parse_http_url("http://127.0.0.1:8080/");
    BOOST_TEST_REQUIRE(ipv4.has_value());
    BOOST_TEST(ipv4->host == "127.0.0.1");
    BOOST_TEST(ipv4->authority == "127.0.0.1:8080");
}

BOOST_AUTO_TEST_CASE(what_is_no_target_is_refused) {
    for (const char* const text :
         {"", "example.com", "/path", "ftp://example.com/", "http://", "http:///x", "http://a:0/",
          "http://a:65536/", "http://a b/", "http://user@a/", "http://u:p@a/", "http://a/#x",
          "http://[::1/", "http://a/\r\nX: y", "file:///etc/passwd"}) {
        BOOST_TEST(!parse_http_url(text).has_value(), text);
    }
    const std::string start = "http://a/";
    BOOST_TEST(parse_http_url(start + std::string(url_bytes_max - start.size(), 'x')).has_value());
    BOOST_TEST(
        !parse_http_url(start + std::string(url_bytes_max - start.size() + 1, 'x')).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
