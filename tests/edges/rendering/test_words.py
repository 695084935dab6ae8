"""What a notice says: words, order, length, and what it never says."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.data_faults import Trouble
from alertd.core.findings import Finding
from alertd.core.owners import Recipient, Via
from alertd.core.parameters.condition import Condition
from alertd.core.periods import Grain
from alertd.core.series import FaultKind
from alertd.rendering import Renderer
from alertd.rendering.brevity import MOST_WORDS, words_in
from alertd.rendering.compose import compose
from tests.edges.rendering.kinds import EVERY_KIND
from tests.edges.rendering.pictures import chart
from tests.edges.rendering.reading import html_of, letter, read, text_of
from tests.edges.rendering.samples import (
    changed,
    data,
    drift,
    finding,
    improvement,
    joined,
    notice,
    rating,
    small,
    surge,
    threshold,
)

RENDERER = Renderer()
BANNED = (
    r"\b(red|amber|green|breach\w*|fail\w*|target|sigma|z-score|z|p-value|significan\w*|outlier|standard deviation)\b|!"
)


def text(*findings: Finding, **more: object) -> str:
    """The text of a notice without its charts, which makes it quick."""
    return text_of(
        read(letter(*(each.model_copy(update={"chart": None}) for each in findings), renderer=RENDERER, **more))
    )


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_text_of_every_kind_of_notice(kind: str, snapshot: SnapshotAssertion) -> None:
    message = read(letter(EVERY_KIND[kind], renderer=RENDERER))
    assert f"{message['Subject']}\n\n{text_of(message)}" == snapshot


def test_the_text_of_a_digest(snapshot: SnapshotAssertion) -> None:
    places = ("Burnley", "Preston", "Pendle", "Hyndburn", "Rossendale", "Chorley", "Ribble Valley")
    late = [data(number=f"20{n}", series={"district": place}) for n, place in enumerate(places)]
    message = read(
        letter(finding(), improvement(), threshold(), changed(), *late, EVERY_KIND["cleared"], renderer=RENDERER)
    )
    assert f"{message['Subject']}\n\n{text_of(message)}" == snapshot


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_nothing_is_judged_by_colour_jargon_or_shouting(kind: str) -> None:
    """R36."""
    message = read(letter(EVERY_KIND[kind], renderer=RENDERER))
    above = text_of(message).partition("Small print")[0] + str(message["Subject"])
    assert re.findall(BANNED, above, re.IGNORECASE) == []
    assert re.findall(r"!|\b(breach|target missed)\b", text_of(message)) == []


@pytest.mark.parametrize("kind", [kind for kind, each in EVERY_KIND.items() if each.direction is Direction.CHANGED])
def test_a_change_is_never_called_better_or_worse(kind: str) -> None:
    """R3."""
    told = text(
        EVERY_KIND[kind], changed(reason=Reason.FURTHER_OUT, transition=EVERY_KIND["concern-further-out"].transition)
    )
    assert not re.search(r"\b(worse|better|improve\w*|concern)\b", told)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_marking_opens_subject_and_body(kind: str) -> None:
    """R29."""
    message = read(letter(EVERY_KIND[kind], renderer=RENDERER, marking="OFFICIAL-SENSITIVE"))
    assert message["Subject"].startswith("OFFICIAL-SENSITIVE - ")
    assert text_of(message).startswith("OFFICIAL-SENSITIVE\n")
    visible = re.sub(r"<[^>]*>", " ", html_of(message).partition("<body")[2].partition(">")[2])
    assert visible.split()[0] == "OFFICIAL-SENSITIVE"


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_subject_is_short_and_names_the_place(kind: str) -> None:
    """R36."""
    made = letter(EVERY_KIND[kind].model_copy(update={"chart": None}), renderer=RENDERER)
    assert len(made.subject.removeprefix("OFFICIAL")) <= 65
    assert next(iter(EVERY_KIND[kind].series.values()), "Data") in made.subject


@given(
    name=st.text(min_size=1, max_size=150),
    place=st.text(alphabet="abcdefghij klm", min_size=1, max_size=44).map(str.strip).filter(bool),
)
@settings(max_examples=150, deadline=None)
def test_however_long_the_names_the_subject_is_short_and_keeps_the_place(name: str, place: str) -> None:
    told = notice(finding(measure_name=name, series={"district": place}, chart=None))
    view = compose(told, {})
    assert len(view.subject.removeprefix("OFFICIAL")) <= 65
    if len(place.split()) <= 8:
        assert " ".join(place.split()) in view.subject


_LONG = st.text(alphabet="ab ", max_size=900)


@given(
    advice=_LONG,
    caveats=st.lists(_LONG, max_size=4),
    name=_LONG,
    others=st.lists(_LONG, max_size=5),
    faults=st.lists(_LONG, max_size=9),
)
@settings(max_examples=150, deadline=None)
def test_no_finding_says_more_than_120_words_above_the_small_print(
    advice: str, caveats: list[str], name: str, others: list[str], faults: list[str]
) -> None:
    more = {
        "advice": advice,
        "caveats": tuple(caveats),
        "measure_name": name,
        "also_told": tuple(others),
        "faults": tuple(faults),
    }
    shown = compose(notice(finding(**more), data(**more), improvement(**more), threshold(**more)), {})
    assert [words_in(part) for part in shown.parts if words_in(part) > MOST_WORDS] == []


def test_what_is_cut_for_length_stands_whole_in_the_small_print() -> None:
    advice = " ".join(f"step{n}" for n in range(90))
    told = text(finding(advice=advice))
    above, _, below = told.partition("Small print")
    assert "step3" in above
    assert "step89" not in above
    assert "step89." in below


@pytest.mark.parametrize(
    ("grain", "period", "expected"),
    [
        (Grain.WEEK, "2022-W40", "in the week to 9 October 2022"),
        (Grain.QUARTER, "2022-Q2", "from April to June 2022"),
        (Grain.DAY, "2022-10-03", "on 3 October 2022"),
        (Grain.YEAR, "2022", "in 2022"),
    ],
)
def test_periods_read_as_people_say_them(grain: Grain, period: str, expected: str) -> None:
    """R36."""
    told = text(finding(grain=grain, period=period, baseline_from=None, baseline_to=None))
    assert f"93 of 126 (73.8%) {expected}, below its usual range." in told
    assert "This is new.\n" in told


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"unit": "minutes", "value": 12.44, "lower": 3.25, "upper": 11.2}, "12.4 minutes in March"),
        ({"unit": "minutes", "value": 11.21, "lower": 3.25, "upper": 11.2}, "11.21 minutes in March"),
        ({"unit": "offences", "value": 1, "counted": True, "lower": 2.5, "upper": 9}, "1 offence in March"),
        ({"unit": "pounds", "value": 12345.6, "lower": 100.0, "upper": 900.0}, "£12,346 in March"),
        ({"unit": None, "value": 0.0123, "lower": 0.02, "upper": 0.03, "centre": 0.025}, "0.012 in March"),
        ({"unit": "percent", "value": 80.95, "lower": 80.951, "upper": 99.0}, "80.950% in March"),
    ],
)
def test_figures_are_rounded_but_never_to_the_limit_that_they_passed(more: dict[str, object], expected: str) -> None:
    assert expected in text(finding(numerator=None, denominator=None, **more))


def test_a_threshold_says_the_agreed_level_and_for_how_long() -> None:
    assert "below 85%, the agreed level, for the second month running." in text(threshold())
    assert "below 85%, the agreed level, for the fourth month running." in text(threshold(lasting=3))
    assert "below 85%, the agreed level, in at least two of the last three months." in text(
        threshold(lasted_for="2 of 3 periods")
    )
    assert "below 85%, the agreed level." in text(threshold(lasted_for=None))


def test_a_run_is_counted_on_the_chart_and_a_gap_ends_it() -> None:
    values: list[float | None] = [40, 41, 39, 40, None, 45, 46, 47, 45, 46, 45, 46, 47]
    told = changed(value=47, lasting=2, chart=chart(values, centre=40.4, lower=30, upper=50))
    message = read(letter(told, renderer=RENDERER))
    assert "above its usual level for eight months running" in text_of(message)


def test_the_same_fault_at_many_places_is_one_part() -> None:
    told = [data(number=str(n), series={"district": f"Place {n}"}) for n in range(14)]
    made = letter(*told, renderer=RENDERER)
    shown = text_of(read(made))
    assert shown.count("Data fault") == 1
    assert "have not arrived in 14 districts (Place 0, Place 1, Place 2, Place 3 and 10 more)." in shown
    assert all(f"Place {n}" in shown for n in range(14)), "the small print names them all"
    assert len(made.keys) == 14


def test_faults_beyond_those_named_are_counted() -> None:
    assert "And 37 more." in text(data(faults=("one thing", "another"), faults_in_all=39))


def test_improvement_stands_apart_and_what_is_over_comes_last() -> None:
    """R17."""
    shown = text(EVERY_KIND["cleared"], improvement(), finding())
    assert shown.index("WHAT STANDS OUT") < shown.index("BETTER THAN USUAL") < shown.index("CLOSED")
    assert shown.index("in Burnley: 93") < shown.index("in Pendle: 45")


def test_one_ask_that_all_share_is_said_once() -> None:
    shown = text(finding(), threshold())
    assert shown.count("Asked of you") == 1
    assert "by Wednesday 13 April and say, for each, what you found" in shown


def test_a_date_in_another_year_names_the_year() -> None:
    assert "by Friday 13 January 2023" in text(finding(reply_by=date(2023, 1, 13)))


@pytest.mark.parametrize(
    "transition", ["opened", "worsened", "reminded", "escalated", "cleared", "corrected", "withdrawn"]
)
@pytest.mark.parametrize("direction", list(Direction))
def test_a_small_number_is_seen_nowhere_in_the_letter(transition: str, direction: Direction) -> None:
    """R31: no figure, limit, difference, chart, alternative text or subject, in any part."""
    from alertd.core.cases import TransitionKind
    from alertd.core.parameters.condition import Condition

    for detector in ("spc", "threshold"):
        told = small(
            transition=TransitionKind(transition),
            direction=direction,
            reason=Reason.FURTHER_OUT,
            detector=detector,
            low=("astronomical", "shift", "limit"),
            condition=Condition(below=6543.25),
            told_number="N-1",
        )
        made = letter(told, renderer=RENDERER)
        message = read(made)
        decoded = "\n".join(
            [
                *(str(value) for name, value in message.items() if name != "Message-ID"),
                text_of(message),
                html_of(message),
            ]
        )
        figures = re.findall(r"\d[\d,.]*\d", decoded)
        secret = {
            "4177",
            "9856",
            "6271",
            "5143",
            "7459",
            "5144",
            "2953",
            "3889",
            "6543",
            "7311",
            "6113",
            "8317",
            "9719",
            "6199",
            "7723",
            "16.5",
            "1.13",
        }
        assert [
            figure for figure in figures if any(figure.replace(",", "").startswith(known) for known in secret)
        ] == []
        assert "image/png" not in {part.get_content_type() for part in message.walk()}
        if direction is not Direction.DATA and transition not in ("withdrawn",):
            assert "fewer than 5" in decoded


def test_hidden_periods_of_a_chart_are_not_in_the_picture_or_its_text() -> None:
    """R31."""
    told = changed()
    assert told.chart is not None
    points = tuple(
        point.model_copy(update={"hidden": point.value == 38, "value": 3.75 if point.value == 38 else point.value})
        for point in told.chart.points
    )
    shown = told.model_copy(update={"chart": told.chart.model_copy(update={"points": points})})
    parts = RENDERER.parts(notice(shown))
    assert "3.75" not in parts.text + parts.html + "".join(parts.svgs.values())
    assert "with a number too small to show" in parts.html
    assert "too small to show" in "".join(parts.svgs.values())


def test_a_closing_letter_does_not_contradict_itself() -> None:
    """The sentence and the chart's text say the same of a threshold whose condition no longer holds."""
    shown = text_of(read(letter(EVERY_KIND["threshold-cleared"], renderer=RENDERER)))
    assert "93.3% in March 2022, no longer past the agreed level." in shown
    assert "at 93.3% is no longer past the agreed level.]" in shown
    assert "not yet" not in shown


def test_a_threshold_gives_one_duration_counted_from_the_first_period_that_it_waited() -> None:
    told = {"lasted_for": "2 periods", "lasting": 4, "since": "2021-12", "told_number": "1"}
    shown = text(threshold(transition=TransitionKind.REMINDED, reason=Reason.REMINDER_DUE, **told))
    assert "for the fifth month running" in shown
    assert "it has been so since November 2021, five months." in shown
    already = text(threshold(reason=Reason.ALREADY_SO, **told))
    assert "It was already so when watching began.\n" in already
    assert already.count("running") == 1


def test_only_what_was_told_to_be_outside_its_range_comes_back_inside() -> None:
    assert "back inside its usual range of 80.9% to 99.5%" in text(EVERY_KIND["cleared"])
    assert "back to usual; its usual range is 80.9% to 99.5%" in text(EVERY_KIND["shift-cleared"])


def test_a_feed_that_came_late_says_what_came_and_what_is_missing_still() -> None:
    shown = text(EVERY_KIND["data-cleared"])
    assert "figures for April 2022 have arrived in Burnley. This closes notice 1046." in shown
    assert "\nMarch 2022 is still missing.\n" in shown
    assert "in order again" not in shown


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"series": {}}, "within the standard: figures for March 2022 have not arrived."),
        ({"series": {"district": "Burnley"}}, "figures for March 2022 have not arrived in Burnley."),
        ({"series": {"crime_type": "Burglary"}}, "figures for March 2022 have not arrived for Burglary."),
        ({"grain": Grain.WEEK, "period": "2022-W11"}, "figures for the week to 20 March 2022 have not arrived"),
    ],
)
def test_a_late_feed_is_told_by_the_period_that_was_due(more: dict[str, object], expected: str) -> None:
    shown = text(data(**more))
    assert expected in shown
    assert "Reply to this message by Wednesday 13 April and say what you found" in shown


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_is_said_in_words_that_tell_late_from_unusable(kind: FaultKind) -> None:
    """R13."""
    trouble = Trouble(kind=kind, key=("Preston",), first="2022-03", last="2022-03", found="")
    told = data(
        rule="data:x",
        detector="data",
        series={},
        low=(),
        faults=(trouble.sentence,),
        faults_in_all=1,
        data_to="2022-03",
    )
    shown = text(told)
    absent = kind.name in ("EMPTY", "STALE", "MISSING_PERIOD", "MISSING_SERIES", "VANISHED")
    assert ("cannot be used." in shown) is not absent
    assert "Preston: " in shown or absent
    assert ", March 2022 (" not in shown


def test_a_feed_that_stopped_is_one_sentence_without_a_list() -> None:
    shown = text(EVERY_KIND["data-stopped"])
    assert "within the standard: nothing has arrived after January 2022.\n" in shown
    assert shown.count("January 2022") == 2, "in the sentence, and in the small print as the newest data"


def test_two_in_three_is_left_out_beside_a_figure_beyond_its_limit_on_the_same_side() -> None:
    assert "close to or beyond" not in text(finding(low=("astronomical", "two_in_three")))
    assert "in at least two of the last three months" in text(finding(low=("astronomical",), high=("two_in_three",)))


def test_what_is_over_comes_after_what_stands_even_where_it_was_found_first() -> None:
    shown = text(EVERY_KIND["cleared"], data(), finding(series={"district": "Pendle"}))
    assert shown.index("FIGURES THAT NEED") < shown.index("CLOSED")
    assert shown.index("WHAT STANDS OUT") < shown.index("CLOSED")


def test_faults_that_ended_alike_are_one_part() -> None:
    gone = [
        data(
            number=str(n),
            told_number=f"9{n}",
            series={"district": f"Place {n}"},
            transition=TransitionKind.CLEARED,
            reason=Reason.BACK_TO_USUAL,
            low=(),
            caveats=("There are no figures for March 2022.",) if n == 3 else (),
        )
        for n in range(14)
    ]
    made = letter(*gone, renderer=RENDERER)
    shown = text_of(read(made))
    assert shown.count("\nArrived\n") == 1
    assert "in 14 districts (Place 0, Place 1, Place 2, Place 3 and 10 more). This closes 14 notices." in shown
    assert "Place 3: March 2022 is still missing." in shown
    assert all(f"Place {n}" in shown and f"9{n}" in shown for n in range(14)), "the small print names them all"
    assert len(made.keys) == 14


def test_why_somebody_has_a_letter_is_said_of_all_of_it_only_where_it_is_sure() -> None:
    """One address may get a letter for several reasons."""
    steward = Recipient(owner="data_steward", name="Data steward", email="s@example.org", via=Via.UNALLOCATED)
    placeless = finding(series={"district": "Not located"})
    alone = text(placeless, recipient=steward)
    assert "with no place (Not located): 93 of 126" in alone
    assert "You have this because the figures belong to no place." in alone
    shared = text(placeless, data(), recipient=steward)
    assert "You have this, or some of it, because the figures belong to no place." in shared
    assert "in Not located: 93" in text(placeless), "a place of that name is a place to others"


def test_new_is_said_once_and_never_of_a_month_that_has_long_gone() -> None:
    """A measure that settles late is judged months behind, and a run has been going on for a while."""
    late = text(finding(period="2021-09", data_to="2022-03", since="2021-09"))
    assert "This is new.\n" in late
    assert "Newest data: March 2022; settled to September 2021; data version" in late
    assert "This is new" not in text(finding(low=("shift",)))


def test_a_change_is_called_a_change_once() -> None:
    shown = text(changed())
    assert "50 searches in March 2022, above its usual level" in shown
    assert shown.count("a change") == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"unit": "minutes", "value": 15.95, "lower": 20.0, "upper": 30.0}, "16 minutes in March"),
        ({"unit": "minutes", "value": 2.675, "lower": 3.0, "upper": 9.0, "centre": 5.0}, "2.68 minutes in March"),
        ({"value": 47.2, "lower": 51.9035, "nearest_usual": 51.9035}, "A figure of 52% would have put"),
        (
            {"value": 99.0, "low": (), "high": ("astronomical",), "upper": 88.88, "nearest_usual": 88.88},
            "of 88.8% would",
        ),
    ],
)
def test_figures_are_rounded_as_people_do_and_limits_towards_what_is_usual(
    more: dict[str, object], expected: str
) -> None:
    assert expected in text(finding(**({"numerator": None, "denominator": None, "units_to_usual": None} | more)))


def test_a_limit_that_still_fires_is_said_as_what_lies_beyond_it() -> None:
    told = {"numerator": None, "denominator": None, "units_to_usual": None}
    at = threshold(condition=Condition(at_or_below=85), **told)
    assert "A figure above 85% would have met the agreed level." in text(at)
    assert "A figure of 85% would have met the agreed level." in text(threshold(**told))


def test_an_agreed_range_says_its_unit_once() -> None:
    told = threshold(
        condition=Condition(outside=(5, 15)), unit="minutes", value=17.0, lower=5.0, upper=15.0, high=("limit",)
    )
    assert "outside 5 to 15 minutes, the agreed range" in text(told)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        (
            [finding(), threshold(series={"district": "Burnley"})],
            "Burnley: Grade 1 incidents attended within..., 2 exceptions",
        ),
        ([finding(), improvement(series={"district": "Burnley"})], "Burnley: 1 exception, 1 improvement"),
        ([finding(), threshold()], "Grade 1 incidents attended..., 2 exceptions: Burnley; Preston"),
        (
            [finding(series={"district": "Burnley", "offence": "Rape"}), changed(series={"district": "Burnley, East"})],
            "1 exception, 1 change: Burnley; Burnley, East",
        ),
        ([finding(), EVERY_KIND["corrected"]], "Burnley: Grade 1 incidents..., 1 exception, 1 correction"),
        (
            [data(), data(measure="b", measure_name="Recorded crime", rule="b"), data(rule="c", measure_name="Visits")],
            "Data: Grade 1 incidents attended within the... and 2 more",
        ),
    ],
)
def test_a_subject_of_several_names_what_they_share(findings: list[Finding], expected: str) -> None:
    assert letter(*(each.model_copy(update={"chart": None}) for each in findings)).subject == f"OFFICIAL - {expected}"


def test_a_subject_is_never_cut_within_a_word() -> None:
    made = letter(changed(series={"district": "PATROL BORO MAN SOUTH"}, measure_name="Hate crime reports (real)"))
    assert "Hate..." in made.subject
    assert "crim." not in made.subject


def test_two_rules_of_one_place_and_measure_are_told_apart_in_the_list() -> None:
    shown = text(finding(low=("trend",)), threshold(series={"district": "Burnley"}))
    assert "- Burnley: Grade 1 incidents attended within the standard, below 85% (agreed level)\n" in shown
    assert "- Burnley: Grade 1 incidents attended within the standard, falling steadily (usual range)\n" in shown
    assert "(usual range)" not in text(finding(), threshold(series={"district": "Burnley"})), "it says so already"
    assert "(agreed level)" not in text(finding(), threshold()), "two places"


def test_limits_that_were_rounded_for_small_numbers_are_not_called_exact() -> None:
    """R31."""
    shown = text(finding(lower=81.0, upper=99.0, range_rounded=True))
    assert "upper limit 99%; limits rounded to whole numbers." in shown


def test_a_period_without_a_figure_is_told_by_the_last_figure_there_was() -> None:
    """An exception that stands when its figures stop (R11) is never said of a figure that there is not."""
    values: list[float | None] = [90, 91, 89, 60, None]
    held = finding(
        value=None, numerator=None, low=(), lasting=2, since="2022-02", nearest_usual=None, units_to_usual=None,
        chart=chart(values, marks={-2: "exception"}, centre=90.2, lower=80.9123, upper=99.4877, unit="percent"),
    )  # fmt: skip
    shown = text_of(read(letter(held, renderer=RENDERER)))
    assert "no figure in March 2022. The last one, 60% in February 2022, stood out." in shown
    again = held.model_copy(update={"low": ("astronomical",)})
    assert "60% in February 2022, was below its usual range." in text_of(read(letter(again, renderer=RENDERER)))


def test_rules_joined_over_several_grains_have_no_figure_of_their_own_to_tell() -> None:
    shown = text(joined(value=None, numerator=None, denominator=None))
    assert "in Burnley in March 2022, several things at once." in shown
    assert "no figure" not in shown


def test_a_drift_that_is_counted_anew_is_not_said_to_be_back_to_usual() -> None:
    ended = drift(transition=TransitionKind.CLEARED, reason=Reason.BACK_TO_USUAL, high=(), told_number="1001", value=36)
    message = read(letter(ended, renderer=RENDERER))
    assert "no further drift" in str(message["Subject"])
    assert "36 days in March 2022, no further drift; moves are counted anew after each notice." in text_of(message)
    assert "back to usual" not in text_of(message).casefold()


def test_a_surge_against_the_weeks_just_before_is_not_said_to_be_of_the_season() -> None:
    """EARS knows no season."""
    message = read(letter(surge(recent=True), renderer=RENDERER))
    shown = text_of(message)
    assert "far above the weeks just before it" in shown
    assert "after the weeks just before it, and up to 24" in shown
    assert "season" not in shown.partition("Small print")[0] + str(message["Subject"])
    assert "time of year" not in shown


def test_a_figure_outside_its_seasonally_adjusted_range_is_said_to_be_of_the_time_of_year() -> None:
    """R14."""
    shown = text(surge(high=("astronomical",)))
    assert "above what is usual for the time of year" in shown


@pytest.mark.parametrize(
    ("share", "words"),
    [("0.5", "half are below"), ("0.9", "9 in 10 are below"), ("0.95", "95 in 100 are below"), ("0.0001", "0.0001"), ("1e99", "1e99")],
)  # fmt: skip
def test_a_quantile_is_said_in_words(share: str, words: str) -> None:
    """R36."""
    assert f"({words}) in Burnley" in text(finding(series={"district": "Burnley", "quantile": share}))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2022-03-22T00", "2022-03-28T23", "the seven days to 28 March 2022"),
        ("2022-03-28T05", "2022-03-28T10", "the six hours to 11:00 on 28 March 2022"),
    ],
)
def test_a_usual_range_of_hours_says_which_day_it_ends_on(first: str, last: str, words: str) -> None:
    hourly = finding(grain=Grain.HOUR, period="2022-03-29T23", baseline_from=first, baseline_to=last, since=None)
    assert words in text(hourly)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2022-Q3", "2022-Q4", "July to December 2022"),
        ("2021-H2", "2022-H1", "July 2021 to June 2022"),
        ("2022-01", "2022-03", "January 2022 to March 2022"),
    ],
)
def test_a_stretch_of_missing_periods_reads_as_one_span(first: str, last: str, words: str) -> None:
    trouble = Trouble(kind=FaultKind.MISSING_SERIES, key=("Preston",), first=first, last=last, found="")
    assert f", {words}" in trouble.sentence


def test_the_last_grade_is_told_where_a_new_one_is_overdue() -> None:
    overdue = rating(value=None, grade_before=3, low=("overdue",))
    assert "The last grade was Good." in text(overdue)
