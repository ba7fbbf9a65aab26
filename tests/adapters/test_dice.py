"""The machine's randomness."""

from tiercel.adapters.dice import BLOCK, SIZE, SystemDice


def test_no_number_comes_twice_across_blocks() -> None:
    dice = SystemDice()
    rolls = [dice.roll() for _ in range(3 * BLOCK // SIZE)]
    assert len(set(rolls)) == len(rolls)
    assert max(rolls).bit_length() > 100


def test_two_dice_fall_differently() -> None:
    assert SystemDice().roll() != SystemDice().roll()
