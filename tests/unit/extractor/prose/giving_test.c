// Sentences about who gives an event.
#include "support/arena_fixture.h"
#include "support/prose_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_subjects(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"On 18 May 2031, Brightwater and Oldmill will host a digital conference.",
         "host [Brightwater]; host [Oldmill]"},
        {"To look back, Brightwater, the Seven Oaks Group and the Royal Loom Society are jointly "
         "hosting "
         "a conference.",
         "host [Brightwater]; host [Seven Oaks Group]; host [Royal Loom Society]"},
        {"Brightwater is proud to host an evening of looms.", "host [Brightwater]"},
        {"The Brightwater Program is co-sponsoring this event.",
         "sponsor [The Brightwater Program]"},
        {"We at Oldmill Books are putting on a very special swap.", "host [Oldmill Books]"},
        {"Oldmill Books vous invite à une soirée.", "host [Oldmill Books]"},
        {"Maria Keller is hosting an evening of looms.", "host Maria Keller"},
        {"Maria will present her new loom. Brightwater sponsors schools. Tom hosts a podcast.", ""},
        {"Sponsored by the Lakeside Alliance for Young Weavers. Coffee from 9.",
         "sponsor [Lakeside Alliance for Young Weavers]"},
        {"Hosted weekly by Brightwater & the Seven Oaks Society.",
         "host [Brightwater]; host [Seven Oaks Society]"},
        {"Co-hosted w/ @chainloom, @nodeweft and Oldmill Labs",
         "host [chainloom]; host [nodeweft]; host [Oldmill Labs]"},
        {"Co-hosted by Maria Keller (Head of Looms, Brightwater) and the team at Oldmill Seed.",
         "host Maria Keller, Head of Looms @ Brightwater; host [Oldmill Seed]"},
        {"By Oldmill Ventures x Brightwater", "host [Oldmill Ventures]; host [Brightwater]"},
        {"Fernloom is generously covering food & drinks.", "sponsor [Fernloom]"},
        {"Space kindly lent by Oldmill Commons. Powered by Sip & Co.",
         "venue [Oldmill Commons]; sponsor [Sip & Co]"},
        {"With thanks to our partners Oldmill VC, City of Harbour, and Brightwater.",
         "partner [Oldmill VC]; partner [City of Harbour]; partner [Brightwater]"},
        {"The tool is powered entirely by Brightwater. Fernloom brings joy.", ""},
        {"Presented by the U.S. Loom Office as part of its series.", "host [U.S. Loom Office]"},
    };
    CHECK_PROSE("An evening of looms", examples);
}

// Brands that are words of the dictionary.
static void test_common_words(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Sponsors:\n\n- Modal\n- Linear\n- Together AI",
         "sponsor [Modal]; sponsor [Linear]; sponsor [Together AI]"},
        {"**Sponsors**\n\nModal\n\nLinear", "sponsor [Modal]; sponsor [Linear]"},
        {"Sponsors: Modal, Linear, Mercury",
         "sponsor [Modal]; sponsor [Linear]; sponsor [Mercury]"},
        {"Powered by Modal. Hosted by Mercury", "sponsor [Modal]; host [Mercury]"},
        {"## Sponsors\n\n**Platinum** Brightwater\n\n**Gold** Oldmill Labs, Seven Oaks Capital",
         "sponsor [Brightwater]; sponsor [Oldmill Labs]; sponsor [Seven Oaks Capital]"},
        {"Powered by Coffee. Hosted by Founders. Sponsors: Volunteering and Support", ""},
    };
    CHECK_PROSE("An evening of looms", examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subjects),
        cmocka_unit_test(test_common_words),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
