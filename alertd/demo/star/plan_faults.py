"""The dirty rows: what a feed would bring and a data steward has to hear of."""

from alertd.demo.star.planted import Plant, plant

PLAN: tuple[Plant, ...] = (
    plant(
        "district=Pendlebeck",
        "M2 fact_response_month.incidents missing - data",
        "2021-11",
        "no figures for one month, in every grade",
    ),
    plant(
        "",
        "M8 fact_victim_contact_month.due missing - data",
        "2020-06",
        "no figures for one month anywhere: the system was replaced",
    ),
    plant(
        "district=Sandholme",
        "M12 fact_visibility_week.duty_hours missing - data",
        "2021-W30..2021-W31",
        "two weeks without radio positions",
    ),
    plant(
        "",
        "M12 fact_visibility_week.loaded_at late - data",
        "2022-W18..2022-W26",
        "nine weeks came together on 3 August 2022",
    ),
    plant("", "D7 fact_safeguarding_month.loaded_at late - data", "2021-12", "came on 21 February 2022"),
    plant("district=Sandholme", "D3 fact_pcso_month.hours_on_task null - data", "2021-09", "empty"),
    plant("division=East Division", "M1 fact_agile_month.forms null - data", "2022-02", "the denominator is empty"),
    plant("district=Sandholme", "M11 fact_itk_month.subscribers negative - data", "2020-08", "below zero"),
    plant(
        "district=Lunehaven;crime_type=Hate crime",
        "D6 fact_high_impact_week.crimes negative - data",
        "2022-W07",
        "below zero: crimes cancelled out of an earlier week",
    ),
    plant(
        "team=Sandholme Response 1;grade=Grade 1",
        "M2 fact_response_team_month.within_standard above_denominator - data",
        "2022-06",
        "more within the standard than there were",
    ),
    plant(
        "district=Lunehaven;entitlement=Standard",
        "M8 fact_victim_contact_month.on_time above_denominator - data",
        "2022-01",
        "more on time than were due",
    ),
    plant("district=Brunford", "M4 fact_court_month.defendants duplicate - data", "2021-03", "the same row twice"),
    plant("division=West Division", "M6 fact_dvpn_month.dvpn_issued duplicate - data", "2020-10", "the same row twice"),
    plant(
        "district=Pendlebeck;object=Drugs",
        "D11 fact_stop_search_month.searches future - data",
        "2031-04",
        "a month that is yet to come",
    ),
    plant(
        "district=Sandholme;file_type=Guilty plea expected",
        "M5 fact_file_sample_month.sampled unreadable_period - data",
        "2021-04",
        "the month is written 2021-13",
    ),
    plant(
        "division=East Division",
        "D12 fact_complaint_quarter.complaints unreadable_period - data",
        "2021-Q4",
        "the quarter is written Q5 2021",
    ),
    plant(
        "district=Brunfrod",
        "M7 fact_missing_month.episodes unknown_place - data",
        "2022-03",
        "a place that is not in the list, written as Brunfrod",
    ),
    plant(
        "team=Lunehaven Response 2;grade=Grade 1",
        "M2 fact_response_team_month.incidents vanished - data",
        "2022-11..2023-03",
        "a team that is no longer in the feed",
    ),
    plant(
        "district=Pendlebeck",
        "M11 fact_pact_month.held zero_variance - nothing",
        "2017-04..2023-03",
        "twelve of twelve meetings held, every month: no variation at all",
    ),
    plant(
        "district=Sandholme;grade=Grade 1",
        "M2 fact_response_month.within_standard revision 0.6 nothing",
        "2022-08",
        "first loaded with six tenths of the figure, corrected on 5 October 2022: a notice of it has to be put right (R18)",
    ),
    plant(
        "division=West Division;strand=DA",
        "D7 fact_safeguarding_month.referrals revision 1.6 nothing",
        "2022-10",
        "first loaded with some referrals twice, corrected on 5 December 2022",
    ),
)
