from tests.simulation.study import simulate


def test_spaced_answers_leave_far_more_than_the_same_number_at_once():
    boxes, boxes_massed, model, model_massed = simulate(learners=3)
    for spaced, massed in ((boxes, boxes_massed), (model, model_massed)):
        assert round(spaced.answers) == round(massed.answers)
        assert all(left > 3 * at_once for left, at_once in zip(spaced.left, massed.left, strict=True))
        assert list(spaced.left) == sorted(spaced.left, reverse=True)
