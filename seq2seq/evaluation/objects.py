"""Things that captions name without grounds: a check by words, after CHAIR (Rohrbach et al. 2018).

A caption names a thing without grounds if none of the photo's references names one of its kind, and none of the
image encoder's labels does. The check reads words only: it does not see a wrong colour, number or action.
"""

from collections.abc import Collection, Sequence

from seq2seq.evaluation.captions import words

_KINDS = """
dog dogs puppy puppies poodle terrier retriever hound greyhound sheepdog collie shepherd spaniel labrador
cat cats kitten kittens
horse horses pony ponies
cow cows bull bulls ox calf
sheep goat goats lamb
bird birds seagull seagulls duck ducks goose geese pigeon pigeons heron
man men guy guys gentleman gentlemen male males
woman women lady ladies female females bride
boy boys
girl girls
child children kid kids baby babies toddler toddlers infant infants boy boys girl girls
bike bikes bicycle bicycles bicyclist bicyclists cyclist cyclists biker bikers dirtbike
motorcycle motorcycles motorbike motorbikes motorcyclist dirtbike biker bikers atv
car cars automobile vehicle vehicles racecar suv jeep taxi van
truck trucks
bus buses
train trains subway
boat boats kayak kayaks canoe canoes raft rafts ship sailboat kayaker
skateboard skateboards skateboarder skateboarders skateboarding
snowboard snowboarder snowboarders snowboarding
ski skis skier skiers skiing
surfboard surfboards surfer surfers surfing
sled sleds sledding toboggan
swing swings
slide slides
trampoline
ball balls football soccer basketball baseball volleyball
frisbee frisbees disc
stick sticks branch branches log
tennis racket racquet
guitar guitars guitarist
camera cameras photographer
hat hats cap caps helmet helmets beanie hood
sunglasses glasses goggles
umbrella umbrellas parasol
tent tents
bench benches
chair chairs seat seats
table tables
rock rocks boulder boulders cliff cliffs stone stones
mountain mountains hill hills peak hillside mountainside
tree trees forest woods
snow snowy ice
water ocean sea lake river pool stream creek wave waves surf pond fountain puddle waterfall beach
beach shore sand sandy
grass grassy field lawn yard meadow park
street streets road roads sidewalk track
building buildings house houses
fence fences
wall walls
leash
rope ropes
hockey
flower flowers
food cake pizza meal
""".strip()
KINDS: tuple[frozenset[str], ...] = tuple(dict.fromkeys(frozenset(row.split()) for row in _KINDS.splitlines()))
"""Words for one kind of thing; some stand in two kinds."""


def ungrounded(caption: str, references: Sequence[str], labels: Collection[str] = ()) -> list[str]:
    """Return the words of a caption that name a thing which no reference and no label names.

    references: captions of the photo by people; labels: names of classes that the image encoder finds likeliest.
    """
    seen = {word for text in (*references, *labels) for word in words(text)}
    found = []
    for word in dict.fromkeys(words(caption)):
        kinds = [kind for kind in KINDS if word in kind]
        if kinds and not any(kind & seen for kind in kinds):
            found.append(word)
    return found
